/** Code that sends the first event, for each way in. */

export type SnippetKind = "web" | "sensors" | "segment" | "webhook" | "curl";
type Snippet = (origin: string, key: string) => string;

export const SNIPPETS: Record<SnippetKind, Snippet> = {
  web: (origin, key) => `<script>!function(w,q){function p(n){return new Proxy(function(){},{get:(_,k)=>k=="calls"?q:p(n?n+"."+String(k):String(k)),apply:(_,t,a)=>{q.push([n,...a])}})}w.siyu=w.siyu||p("")}(window,[])</script>
<script async src="${origin}/sdk/siyu.js" data-key="${key}" data-plugins="clicks stay"></script>

<script>
  // Anywhere later: what happened, and who it is.
  siyu.track("order_paid", { order_id: "A1001", amount_minor: 5800 });
  siyu.identify("u-42", { level: "gold" }, { phone: "13800000000" });
</script>`,
  sensors: (origin, key) => `sensors.init({
  server_url: "${origin}/sa?project=default&token=${key}",
  is_track_single_page: true,
  heatmap: {},
});
sensors.quick("autoTrack");`,
  segment: (origin, key) => `analytics.load("${key}", {
  cdnURL: "${origin}",
  integrations: { "Segment.io": { apiHost: "${origin.replace(/^https?:\/\//, "")}/v1", protocol: "${origin.startsWith("https") ? "https" : "http"}" } },
});
analytics.track("order_paid", { order_id: "A1001", amount_minor: 5800 });`,
  webhook: (origin, key) => `${origin}/hook/${key}`,
  curl: (origin, key) => `curl -X POST ${origin}/api/v1/collect \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\
  -d '{
    "batch": [{
      "type": "track",
      "id": "m-1001",
      "event": "order_paid",
      "time": "${new Date().toISOString()}",
      "login": "u-42",
      "identifiers": { "phone": "13800000000" },
      "properties": { "order_id": "A1001", "amount_minor": 5800 }
    }]
  }'`,
};

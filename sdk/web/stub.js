!function(w,q){function p(n){return new Proxy(function(){},{get:(_,k)=>k=="calls"?q:p(n?n+"."+String(k):String(k)),apply:(_,t,a)=>{q.push([n,...a])}})}w.siyu=w.siyu||p("")}(window,[])

// Makes what a phone with encryption sends, with node's crypto: `node make.mjs`.
import { constants, createCipheriv, generateKeyPairSync, publicEncrypt, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const pair = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const { publicKey, privateKey } = pair();
/** PKCS#8 without its first and last line, by which keys that leaked are looked for. */
const bare = (key) => key.export({ type: "pkcs8", format: "pem" }).split("\n").slice(1, -2).join("\n") + "\n";
writeFileSync("private.b64", bare(privateKey));
writeFileSync("private-pkcs1.pem", privateKey.export({ type: "pkcs1", format: "pem" }));
writeFileSync("other.b64", bare(pair().privateKey));

const record = (n, type, properties) => ({
  type, ...(type === "track" ? { event: "BuyProduct" } : {}), distinct_id: "u1", login_id: "u1", time: 1795302808852 + n,
  _track_id: 100 + n, lib: { $lib: "Android", $lib_version: "6.8.0" }, properties,
});

function sealed(keyBytes, encodeKey, records) {
  const key = randomBytes(keyBytes);
  const plain = encodeKey ? Buffer.from(key.toString("base64")) : key;
  const ekey = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, plain).toString("base64");
  const payloads = records.map((one) => {
    const nonce = randomBytes(16);
    const cipher = createCipheriv(`aes-${keyBytes * 8}-cbc`, key, nonce);
    const text = gzipSync(Buffer.from(JSON.stringify(one)));
    return Buffer.concat([nonce, cipher.update(text), cipher.final()]).toString("base64");
  });
  return { pkv: 1, ekey, flush_time: 1795302809000, payloads };
}

const list = [
  sealed(16, false, [record(0, "track", { price: 12.5, name: "中文" }), record(1, "profile_set", { level: 3 })]),
  sealed(32, true, [[record(2, "track", { price: 1 }), record(3, "track", { price: 2 })]]),
];
writeFileSync("events.body", `gzip=9&data_list=${encodeURIComponent(JSON.stringify(list))}`);
const one = sealed(16, false, [record(4, "track", { price: 4 })]);
writeFileSync("single.body", `crc=1&gzip=13&data_list=${encodeURIComponent(Buffer.from(JSON.stringify(one)).toString("base64"))}`);

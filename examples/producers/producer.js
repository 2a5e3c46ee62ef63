// Puts one job on the queue: HONGYAN_REDIS=127.0.0.1:6379 or /path/to/redis.sock node producer.js
const job = { v: 1, id: process.env.HONGYAN_JOB ?? "hello-node", tenant: "acme", subject: "你好 {{ name }}", text: "Hello, {{ name }}",
  from: { address: "news@acme.example" }, recipients: { list: [{ to: "li@acme.example", vars: { name: "李" } }] } };
const where = process.env.HONGYAN_REDIS ?? "127.0.0.1:6379", [host, port] = where.split(/:(?=\d+$)/);
const words = ["XADD", "hongyan:jobs", "*", "job", JSON.stringify(job)];
const redis = require("node:net").connect(where.startsWith("/") ? { path: where } : { host, port: Number(port) });
redis.write(`*${words.length}\r\n` + words.map((w) => `$${Buffer.byteLength(w)}\r\n${w}\r\n`).join(""));
redis.once("data", (reply) => { console.log(reply.toString().split("\r\n").slice(0, 2).join(" ")); process.exitCode = reply[0] === 36 ? 0 : 1; redis.end(); });

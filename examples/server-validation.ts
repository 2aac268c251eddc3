// A route whose input and answer are checked and typed by schemas: by zod here, by valibot or arktype alike.
//   npx tsx examples/server-validation.ts
import { App } from '@needletail/server';
import { z } from 'zod';

const Order = z.object({
  sku: z.number().int().positive(),
  amount: z.number().int().min(1).max(100).default(1),
  notes: z.array(z.object({ text: z.string().max(200) })).default([]),
});

const app = new App().post(
  '/shops/:shop/orders',
  {
    params: z.object({ shop: z.coerce.number().int() }),
    query: z.object({ dryRun: z.stringbool().default(false) }),
    body: Order,
    response: z.object({ shop: z.number(), sku: z.number(), amount: z.number() }),
  },
  (c) => ({ shop: c.params.shop, ...c.body, margin: 'stays here' }),
);

const listening = await app.listen();
const url = `http://${listening.host}:${listening.port}/shops/7/orders?dryRun=yes`;
const headers = { 'Content-Type': 'application/json' };

const good = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ sku: 42 }) });
console.log(good.status, await good.text());

const wrong = { sku: 'x', notes: [{ text: 'fine' }, { text: 7 }] };
const bad = await fetch(url, { method: 'POST', headers, body: JSON.stringify(wrong) });
const problem = (await bad.json()) as { errors: { in: string; path: string; message: string }[] };
for (const fault of problem.errors) console.log(bad.status, fault.in, fault.path, fault.message);

const broken = await fetch(url, { method: 'POST', headers, body: '{"sku": 42' });
console.log(broken.status, await broken.text());

await app.close();
if (good.status !== 200 || bad.status !== 422 || broken.status !== 400) process.exitCode = 1;

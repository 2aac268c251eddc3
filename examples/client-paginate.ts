// Follows pages one by one, by Link header or by a field in them, and fetches numbered ones side by side.
//   npx tsx examples/client-paginate.ts
import { appTransport, Client } from '@needletail/client';

const PAGES = 4;
const server = appTransport((request) => {
  const page = Number(new URL(request.url).searchParams.get('page') ?? 1);
  const next = page < PAGES ? `/items?page=${page + 1}` : null;
  const headers = new Headers(next === null ? {} : { Link: `<${next}>; rel="next"` });
  return Response.json({ items: [page * 10, page * 10 + 1], next }, { headers });
});
const client = new Client({ baseUrl: 'https://api.test', transport: server });

for await (const page of client.paginate('GET', '/items', { next: 'link' })) {
  console.log(page.url, page.text().length);
}

interface Page {
  readonly items: readonly number[];
}
const records = client.paginate('GET', '/items', { next: { json: 'next' }, records: 'items' });
for await (const record of records) {
  console.log(record);
  if (record === 21) break; // Pages that nobody asks for are not fetched.
}

const pages = await client.gatherPages('/items', { totalPages: PAGES, concurrency: 2 });
console.log(pages.flatMap((page) => page.json<Page>().items));

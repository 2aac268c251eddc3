// Which serialiser is cheaper for what shape on which runtime: JSON.stringify, or fast-json-stringify with the JSON Schema that
// zod gives of a response. The figures are why the server has JSON.stringify alone (docs/server/input.md).
//
//   npm run build && npx tsx bench/src/json-serialisers.ts
import fastJsonStringify from 'fast-json-stringify';
import { z } from 'zod';
import { runContest, type Contest } from './compare/contest.ts';

const ITEM = z.object({
  id: z.number(),
  name: z.string(),
  price: z.number(),
  isActive: z.boolean(),
  tags: z.array(z.string()),
  note: z.string().nullable(),
  createdAt: z.string(),
});

function item(id: number): z.infer<typeof ITEM> {
  return {
    id,
    name: `Needle ${id}`,
    price: id * 1.25 + 0.5,
    isActive: id % 2 === 0,
    tags: ['a', 'fast "one"', 'b'],
    note: id % 3 === 0 ? 'a note with é' : null,
    createdAt: '2026-01-01T00:00:00.000Z',
  };
}

function items(count: number): z.infer<typeof ITEM>[] {
  return Array.from({ length: count }, (_, id) => item(id));
}

function contest<Value>(schema: z.ZodType<Value>, value: Value): Contest {
  return {
    'JSON.stringify': () => () => JSON.stringify(value),
    'fast-json-stringify': () => {
      const jsonSchema = schema['~standard'].jsonSchema.output({ target: 'draft-07' });
      const stringify = fastJsonStringify(jsonSchema);
      return () => stringify(value);
    },
  };
}

await runContest(import.meta.url, {
  '27 B, 1 field': contest(z.object({ message: z.string() }), { message: 'Hello, World!' }),
  '140 B, 7 fields': contest(ITEM, item(1)),
  '2.9 KB, 20 objects': contest(z.array(ITEM), items(20)),
  '150 KB, 1,000 objects': contest(z.array(ITEM), items(1000)),
});

// A response that is checked and typed by a schema: by zod, valibot or arktype, or as here by hand.
//   BASE=http://localhost:8080 npx tsx examples/client-schema.ts
import { Client, ValidationError, type StandardSchema } from '@needletail/client';

/** With zod it would be `z.object({ [name]: z.string() })`. */
function objectWith<Name extends string>(name: Name): StandardSchema<Record<Name, string>> {
  return {
    '~standard': {
      version: 1,
      vendor: 'example',
      validate(value) {
        const text = (value as Record<string, unknown> | null)?.[name];
        if (typeof text === 'string') return { value: { [name]: text } as Record<Name, string> };
        return { issues: [{ message: 'expected text', path: [name] }] };
      },
    },
  };
}

const client = new Client({ baseUrl: process.env['BASE'] ?? 'http://localhost:8080' });
const response = await client.get('/json');
const { message } = response.json(objectWith('message'));
console.log(message.toUpperCase());

try {
  response.json(objectWith('title'));
  process.exitCode = 1;
} catch (error) {
  if (!(error instanceof ValidationError)) throw error;
  console.log(error.message, error.issues.length);
}

await client.close();

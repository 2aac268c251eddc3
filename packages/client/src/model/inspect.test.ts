import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Client } from '../client.ts';
import { mock } from '../transport/mock-transport.ts';
import { HeaderList } from './header-list.ts';

describe('inspect', () => {
  it('shows what a response is, and no secrets', async () => {
    const client = new Client({
      transport: mock(() => ({
        status: 201,
        headers: [
          ['Content-Type', 'text/plain'],
          ['Set-Cookie', 'session=s3cret'],
        ],
        body: 'made',
      })),
    });
    const shown = inspect(await client.post('https://user:pa55word@api.example/things'));
    expect(shown).toContain('ClientResponse');
    expect(shown).toContain('status: 201');
    expect(shown).toContain("url: 'https://api.example/things'");
    expect(shown).toContain("'content-type': 'text/plain'");
    expect(shown).not.toMatch(/s3cret|pa55word/);
    await client.close();
  });

  it('shows headers without what grants access', () => {
    const list = new HeaderList({ Accept: '*/*', Authorization: 'Bearer t0ken' });
    expect(inspect(list, { depth: 4 })).toContain('*/*');
    expect(inspect(list, { depth: 4 })).not.toContain('t0ken');
  });

  it('shows the connections of the moment', () => {
    const { pool } = new Client({ trustEnv: false });
    expect(inspect(pool)).toContain('open: 0');
    expect(JSON.parse(JSON.stringify(pool))).toMatchObject({ open: 0, origins: {} });
  });
});

// A connection for all requests and a transaction for each: made when they are needed, ended in the right order, and replaced
// by a fake in a test.
//   npx tsx examples/server-inject.ts
import assert from 'node:assert/strict';
import { App, HttpError } from '@needletail/server';
import { RequestToken, token } from '@needletail/server/inject';

interface Connection {
  begin(): Transaction;
  close(): void;
}
interface Transaction {
  insert(note: string): number;
  end(): void;
}

const Db = token<Connection>('connection');
const User = token<string>('user');
const Notes = token<Transaction>('transaction');

const log: string[] = [];

function createApp() {
  return new App()
    .provide(Db, {
      scope: 'singleton',
      create: async () => openConnection(),
      dispose: (db) => db.close(),
    })
    .provide(User, {
      scope: 'request',
      needs: { request: RequestToken },
      create({ request }) {
        const name = request.header('x-user');
        // What a factory throws is the answer.
        if (name === null) throw new HttpError(401, 'Say who you are.');
        return name;
      },
    })
    .provide(Notes, {
      scope: 'request',
      needs: { db: Db, user: User },
      create: ({ db }) => db.begin(),
      dispose: (transaction) => transaction.end(),
    })
    .post('/notes', { inject: { notes: Notes, user: User } }, async (c) => ({
      id: c.injected.notes.insert(await c.read.text()),
      by: c.injected.user,
    }));
}

const app = createApp();
const url = '/notes';
const made = await app.inject({ method: 'POST', url, body: 'x', headers: { 'x-user': 'Ada' } });
assert.deepEqual(made.json(), { id: 1, by: 'Ada' });
assert.equal((await app.inject({ method: 'POST', url, body: 'x' })).status, 401);
await app.close();
console.log(log.join(', '));
assert.deepEqual(log, ['open', 'begin', 'insert x', 'end', 'close']);

// The connection is never opened here.
const fake: Connection = { begin: () => ({ insert: () => 42, end: () => undefined }), close() {} };
const tested = createApp().override(Db, { value: fake });
const answer = await tested.inject({ method: 'POST', url, body: 'y', headers: { 'x-user': 'B' } });
console.log(answer.json());
assert.deepEqual(answer.json(), { id: 42, by: 'B' });
await tested.close();

function openConnection(): Connection {
  log.push('open');
  const transaction: Transaction = {
    insert: (note) => log.push(`insert ${note}`) - 2,
    end: () => void log.push('end'),
  };
  return {
    begin: () => (log.push('begin'), transaction),
    close: () => void log.push('close'),
  };
}

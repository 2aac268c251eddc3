import { stream, type Reply, type ReplyOptions, type ReplyPieces } from './reply.ts';
import { encodeJson } from './to-answer.ts';

/** Small values of what is there already go together. */
const PIECE_LENGTH = 16 * 1024;

/** One JSON text on each line, sent as fast as the client takes them; values that come one by one are sent one by one. */
export function ndjson(
  values: Iterable<unknown> | AsyncIterable<unknown>,
  options: ReplyOptions = {},
): Reply {
  const pieces = Symbol.asyncIterator in values ? linesOfComing(values) : linesOf(values);
  return stream(pieces, { type: 'application/x-ndjson', ...options });
}

async function* linesOfComing(values: AsyncIterable<unknown>): ReplyPieces {
  for await (const value of values) yield `${encodeJson(value)}\n`;
}

// An async generator, as what takes pieces asks for promises.
async function* linesOf(values: Iterable<unknown>): ReplyPieces {
  let lines = '';
  for (const value of values) {
    lines += `${encodeJson(value)}\n`;
    if (lines.length < PIECE_LENGTH) continue;
    yield lines;
    lines = '';
  }
  if (lines !== '') yield lines;
}

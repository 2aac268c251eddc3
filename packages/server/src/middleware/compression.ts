import type { AnyContext, Middleware } from '../app/middleware.ts';
import { chooseCoding } from '../conditional/accept-encoding.ts';
import { weakened } from '../conditional/entity-tag.ts';
import { isWhole, type Answer } from '../reply/answer.ts';
import { OptionError } from '../errors.ts';
import { compressPieces } from './compress-pieces.ts';
import { CODERS, hasCoder, type ContentCoding } from './content-coders.ts';
import { Slots } from './slots.ts';
import { checkNames, type Names } from '../listen/check-names.ts';

export interface CompressionOptions {
  /** Best first; those of `br`, `zstd`, `gzip`, `deflate` that the runtime has, unless given: zstd needs Node 22.15. */
  readonly codings?: readonly ContentCoding[];
  /** Shorter bodies are sent as they are; 1,024 unless given. */
  readonly minBytes?: number;
  /** Which content types; text, JSON, XML, SVG, JavaScript, WebAssembly, and those that end in +json, +xml, +text, unless given. */
  readonly types?: (type: string) => boolean;
  /** 4 for br, 6 for gzip and deflate, 3 for zstd unless given. */
  readonly levels?: Partial<Record<ContentCoding, number>>;
  /** Bodies compressed at the same time, of whole ones; further ones wait. 4, the number of threads there are, unless given. */
  readonly concurrency?: number;
}

const OPTIONS: Names<CompressionOptions> = {
  codings: true,
  minBytes: true,
  types: true,
  levels: true,
  concurrency: true,
};

const COMPRESSIBLE =
  /^(?:text\/|application\/(?:json|javascript|xml|x-ndjson|wasm|manifest\+json|graphql|rtf|x-www-form-urlencoded)|image\/(?:svg\+xml|bmp|x-icon)|font\/(?:ttf|otf)|[^;]*\+(?:json|xml|text)\b)/i;
/** Events and lines have to arrive when they are sent. */
const FLUSHED = /^(?:text\/event-stream|application\/x-ndjson)\b/i;

/**
 * Content codings by what the client takes (RFC 9110 §12.5.3). Answers that are coded already, partial, of types that gain
 * nothing, or `no-transform` stay as they are. An answer with a secret in it and, beside it, something the client chose can be
 * made to tell the secret by its length (BREACH): leave such routes out by `Cache-Control: no-transform`.
 */
export function compression(options: CompressionOptions = {}): Middleware {
  checkNames('compression', options, OPTIONS);
  const { minBytes = 1024, types = (type) => COMPRESSIBLE.test(type), levels = {} } = options;
  const codings = options.codings ?? ['br', 'zstd', 'gzip', 'deflate'];
  const offered = codings.filter(hasCoder);
  if (offered.length === 0) {
    throw new OptionError(
      'compression',
      `this runtime has none of ${codings.join(', ')}`,
      'Add gzip',
    );
  }
  const slots = new Slots(options.concurrency ?? 4);

  const isWorthIt = ({ status, fields, body, length }: Answer): boolean => {
    if (body === null || status < 200 || status === 204 || status === 206 || status === 304)
      return false;
    if (fields.has('Content-Encoding') || fields.has('Content-Range')) return false;
    const type = fields.get('Content-Type');
    if (type === null || !types(type)) return false;
    const sizeBytes = isWhole(body) ? Buffer.byteLength(body) : length;
    if (sizeBytes !== null && sizeBytes < minBytes) return false;
    return !/\bno-transform\b/i.test(fields.get('Cache-Control') ?? '');
  };
  return {
    name: 'compression',
    answer(answer, c) {
      if (!isWorthIt(answer)) return answer;
      const { fields } = answer;
      fields.addToList('Vary', 'Accept-Encoding');
      const coding = chooseCoding(c.header('accept-encoding'), offered);
      if (coding === null) return answer;
      fields.set('Content-Encoding', coding);
      // The bytes are others now, and ranges would be of them (RFC 9110 §8.8.3.3).
      const tag = fields.get('ETag');
      if (tag !== null) fields.set('ETag', weakened(tag));
      fields.delete('Accept-Ranges');
      return compressed(answer, c, { coding, level: levels[coding], slots });
    },
  };
}

interface Way {
  readonly coding: ContentCoding;
  readonly level: number | undefined;
  readonly slots: Slots;
}

function compressed(
  answer: Answer,
  c: AnyContext,
  { coding, level, slots }: Way,
): Answer | Promise<Answer> {
  const { body, fields } = answer;
  answer.length = null;
  if (body === null) return answer;
  if (c.method === 'HEAD') {
    // Its length would be that of the content before it was coded.
    if (isWhole(body)) answer.body = null;
    return answer;
  }
  if (!isWhole(body)) {
    const isFlushed = FLUSHED.test(fields.get('Content-Type') ?? '');
    answer.body = compressPieces(body, CODERS[coding]!.stream(level), isFlushed);
    return answer;
  }
  return slots.run(async () => {
    answer.body = await CODERS[coding]!.whole(body, level);
    return answer;
  });
}

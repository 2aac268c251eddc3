import { ResponseDecoder } from '@needletail/wire';

/** What every rival must agree on about the messages it was given. */
export interface CodecTally {
  messages: number;
  statusSum: number;
  payloadBytes: number;
  kept: number;
}

/** A decoder that has been set up; `decode` takes one whole message. */
export interface CodecRival {
  readonly decode: (message: Buffer) => void;
  readonly tally: CodecTally;
}

export const CODEC_RIVALS: Readonly<Record<string, () => CodecRival>> = {
  'ours, head cache': () => ours(true),
  'ours, no cache': () => ours(false),
  'split, lenient': lenient,
  'llhttp from JS': llhttp,
};

function emptyTally(): CodecTally {
  return { messages: 0, statusSum: 0, payloadBytes: 0, kept: 0 };
}

function ours(headCache: boolean): CodecRival {
  const tally = emptyTally();
  const decoder: ResponseDecoder = new ResponseDecoder(
    {
      onHead(head) {
        tally.statusSum += head.status;
        return 0;
      },
      onBody(_buffer, start, end) {
        tally.payloadBytes += end - start;
      },
      onEnd() {
        tally.messages += 1;
        if (decoder.keepAlive) tally.kept += 1;
        return true;
      },
    },
    {},
    { headCache },
  );
  return { tally, decode: (message) => void decoder.feed(message, 0, message.length) };
}

/** How such code is usually written: text, split, an object, and every doubt decided in favour of the sender. */
function lenient(): CodecRival {
  const tally = emptyTally();
  return {
    tally,
    decode(message) {
      const headEnd = message.indexOf('\r\n\r\n');
      const [statusLine, ...lines] = message.toString('latin1', 0, headEnd).split('\r\n');
      const headers: Record<string, string> = {};
      for (const line of lines) {
        const colon = line.indexOf(':');
        headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
      }
      tally.messages += 1;
      tally.statusSum += Number(statusLine.split(' ')[1]);
      if (headers['connection'] !== 'close') tally.kept += 1;
      tally.payloadBytes += headers['transfer-encoding']?.includes('chunked')
        ? lenientChunks(message, headEnd + 4)
        : Number.parseInt(headers['content-length'] ?? '0', 10);
    },
  };
}

function lenientChunks(message: Buffer, start: number): number {
  let payloadBytes = 0;
  for (let at = start; at < message.length;) {
    const lineEnd = message.indexOf('\r\n', at);
    const size = Number.parseInt(message.toString('latin1', at, lineEnd), 16);
    payloadBytes += size;
    at = lineEnd + 2 + size + 2;
  }
  return payloadBytes;
}

/** The part of Node's private binding that is used here. */
interface NativeParser {
  initialize(kind: number, resource: object): void;
  execute(message: Buffer): number | Error;
  [callback: number]: (...values: never[]) => unknown;
}
interface NativeParserClass {
  new (): NativeParser;
  readonly RESPONSE: number;
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
}

function llhttp(): CodecRival {
  const host = process as unknown as {
    binding(name: string): { HTTPParser: NativeParserClass };
  };
  const { HTTPParser } = host.binding('http_parser');
  const tally = emptyTally();
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.RESPONSE, {});
  let willKeep = false;
  parser[HTTPParser.kOnHeadersComplete] = (...values: unknown[]): number => {
    tally.statusSum += values[5] as number;
    willKeep = values[8] as boolean;
    return 0;
  };
  parser[HTTPParser.kOnBody] = (body: Buffer): void => {
    tally.payloadBytes += body.length;
  };
  parser[HTTPParser.kOnMessageComplete] = (): void => {
    tally.messages += 1;
    if (willKeep) tally.kept += 1;
  };
  return {
    tally,
    decode(message) {
      const used = parser.execute(message);
      if (used !== message.length) throw new Error(`llhttp stopped: ${String(used)}.`);
    },
  };
}

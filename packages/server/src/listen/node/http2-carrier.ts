import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { FieldMap } from '@needletail/wire';
import type { CarriedHead, FieldPairs } from '../hosted/carrier.ts';
import { NodeCarrier } from './node-carrier.ts';

/** One request of node:http2. */
export class Http2Carrier extends NodeCarrier<Http2ServerRequest, Http2ServerResponse> {
  readonly httpVersion = '2';
  readonly bodyLength: number | null;

  constructor(request: Http2ServerRequest, response: Http2ServerResponse, owesContinue: boolean) {
    super(request, response, owesContinue);
    const announced = request.headers['content-length'];
    if (request.stream.endAfterHeaders) this.bodyLength = 0;
    else this.bodyLength = announced === undefined ? null : Number(announced);
    request.stream.on('error', ignoreError);
    request.on('error', ignoreError);
  }

  /** As HTTP/1.1 would have them: Host for the authority (RFC 9113 §8.3.1), cookies in one line (RFC 9113 §8.2.3). */
  readFields(): FieldMap {
    const { rawHeaders, authority } = this.request;
    let lines = '';
    let cookies = '';
    let hasHost = false;
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index]!;
      const value = rawHeaders[index + 1]!;
      if (name.startsWith(':')) continue;
      if (name === 'cookie') cookies += cookies === '' ? value : `; ${value}`;
      else if (name !== 'host') lines += `${name}: ${value}\r\n`;
      hasHost ||= name === 'host';
    }
    if (cookies !== '') lines += `cookie: ${cookies}\r\n`;
    const host = authority ?? (hasHost ? this.request.headers['host'] : undefined);
    return new FieldMap(host === undefined ? lines : `host: ${host}\r\n${lines}`);
  }

  interim(status: number, fields: FieldPairs): void {
    this.response.stream.additionalHeaders({ ':status': status, ...grouped(fields) });
  }

  abort(): void {
    this.response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  protected writeHead({ status, fields, length }: CarriedHead): void {
    const headers = grouped(fields);
    this.response.writeHead(
      status,
      length === null ? headers : { ...headers, 'content-length': `${length}` },
    );
  }

  protected onClosed(closed: (isComplete: boolean) => void): void {
    const { stream } = this.response;
    // A stream that is reset is ended too: what was sent in full tells the difference.
    stream.once('close', () =>
      closed(
        stream.headersSent && stream.writableFinished && !stream.aborted && stream.rstCode === 0,
      ),
    );
  }
}

function grouped(fields: FieldPairs): Record<string, string | string[]> {
  const headers = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    const seen = headers[key];
    headers[key] = seen === undefined ? value : [seen, value].flat();
  }
  return headers;
}

function ignoreError(): void {}

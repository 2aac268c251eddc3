const OK = 'HTTP/1.1 200 OK\r\n';
const HOST = 'Host: example.org\r\n';

/** Valid responses that between them use every state of the decoder. */
export const RESPONSE_CORPUS: readonly string[] = [
  `${OK}Server: nginx\r\nDate: Sat, 21 Nov 2026 04:00:00 GMT\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello`,
  `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b;c="d\\"e"\r\n world\r\n0\r\n\r\n`,
  `${OK}Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\nSet-Cookie: a\r\n\r\n`,
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 99\r\n\r\n',
  'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi',
  'HTTP/1.1 404\r\nConnection: x, close\r\n\r\nuntil the connection closes',
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x05hello',
  `${OK}X-Latin: caf\xe9\t\xff\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n`,
  `${OK}Content-Length: 1\r\n\r\nx${OK}Content-Length: 1\r\n\r\nx${OK}Content-Length: 1\r\n\r\ny`,
];

/** Valid requests that between them use every state of the decoder. */
export const REQUEST_CORPUS: readonly string[] = [
  `GET /a/b?c=d HTTP/1.1\r\n${HOST}User-Agent: x\r\nAccept: */*\r\n\r\n`,
  `GET / HTTP/1.1\r\n${HOST}\r\nGET / HTTP/1.1\r\n${HOST}\r\nHEAD /x HTTP/1.1\r\n${HOST}\r\n`,
  `POST /form HTTP/1.1\r\n${HOST}Content-Length: 7\r\nExpect: 100-continue\r\n\r\na=1&b=2`,
  `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n5;x="y"\r\npedia\r\n0\r\nX-Sum: 1\r\n\r\n`,
  `\r\nPUT http://example.org:8080/x HTTP/1.1\r\n${HOST}Connection: close\r\nContent-Length: 0\r\n\r\n`,
  'CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n\x16\x03\x01\x00',
  `GET /chat HTTP/1.1\r\n${HOST}Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x00`,
  'GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /old HTTP/1.0\r\n\r\n',
  `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`,
  `DELETE /x HTTP/1.1\r\n${HOST}X-Latin: caf\xe9\t\xff\r\nContent-Length: 3\r\n\r\nabc`,
];

/** Fragments that have split messages in one HTTP implementation or another. */
export const HOSTILE_FRAGMENTS: readonly string[] = [
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  '\n\n',
  '\r\r\n',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '\0',
  '\x0b',
  '\x7f',
  '\x85',
  '\xa0',
  '\xff',
  '0',
  '-1',
  '+1',
  '0x1',
  'ffffffffffffff',
  '0\r\n\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 5, 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: \xa0chunked\r\n',
  'Transfer-Encoding: gzip, chunked\r\n',
  'Connection: close\r\n',
  'Host: b\r\n',
  'HTTP/1.0',
  'HTTP/1.2',
  'HTTP/2.0',
  ' HTTP/1.1\r\n',
  'HTTP/1.1 200 OK\r\n',
  'GET / HTTP/1.1\r\n',
];

const HOST = 'Host: test\r\n';

/** Follows what is refused; whoever takes it for a request was led astray. */
export const SMUGGLED = `GET /smuggled HTTP/1.1\r\n${HOST}\r\n`;

const POST = `POST / HTTP/1.1\r\n${HOST}`;
const GET = `GET / HTTP/1.1\r\n${HOST}`;
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`;
const LAST_CHUNK = '0\r\n\r\n';

/** A head of these field lines, then an empty chunked body. */
const coded = (lines: string): string => `${POST}${lines}\r\n\r\n${LAST_CHUNK}`;
/** A head of these field lines, then five bytes. */
const sized = (lines: string): string => `${POST}${lines}\r\n\r\nhello`;

type Case = readonly [name: string, bytes: string];

const TRANSFER_ENCODINGS: readonly Case[] = [
  ['CL.TE', `${POST}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n${LAST_CHUNK}G`],
  ['TE.CL', `${POST}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n`],
  ['TE.TE, repeated', coded('Transfer-Encoding: chunked\r\nTransfer-Encoding: x')],
  ['TE.TE, repeated alike', coded('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked')],
  ['TE.TE, twice in one', coded('Transfer-Encoding: chunked, chunked')],
  ['TE, another coding alone', coded('Transfer-Encoding: xchunked')],
  ['TE, identity', coded('Transfer-Encoding: identity')],
  ['TE, no-break space before the value', coded('Transfer-Encoding: \xa0chunked')],
  ['TE, no-break space after the value', coded('Transfer-Encoding: chunked\xa0')],
  ['TE, vertical tab', coded('Transfer-Encoding: \x0bchunked')],
  ['TE, form feed', coded('Transfer-Encoding: chunked\x0c')],
  ['TE, next line (0x85)', coded('Transfer-Encoding: \x85chunked')],
  ['TE, NUL', coded('Transfer-Encoding: chunked\0')],
  ['TE, quoted', coded('Transfer-Encoding: "chunked"')],
  ['TE, with a parameter', coded('Transfer-Encoding: chunked;q=1')],
  ['TE, empty member before', coded('Transfer-Encoding: ,chunked')],
  ['TE, empty member after', coded('Transfer-Encoding: chunked,')],
  ['TE, empty', coded('Transfer-Encoding: ')],
  ['TE, not last', coded('Transfer-Encoding: chunked, gzip')],
  ['TE, folded', coded('Transfer-Encoding:\r\n chunked')],
  ['TE, space before the colon', coded('Transfer-Encoding : chunked')],
  ['TE, tab before the colon', coded('Transfer-Encoding\t: chunked')],
  ['TE, NUL in the name', coded('Transfer\0-Encoding: chunked')],
  ['TE in HTTP/1.0', `${CHUNKED.replace('HTTP/1.1', 'HTTP/1.0')}${LAST_CHUNK}`],
];

const LENGTHS: readonly Case[] = [
  ['CL, two that differ', `${POST}Content-Length: 0\r\nContent-Length: 5\r\n\r\n`],
  ['CL, two that agree', sized('Content-Length: 5\r\nContent-Length: 5')],
  ['CL, a list', sized('Content-Length: 5, 5')],
  ['CL, plus', sized('Content-Length: +5')],
  ['CL, minus', sized('Content-Length: -5')],
  ['CL, empty', `${POST}Content-Length: \r\n\r\n`],
  ['CL, hexadecimal', sized('Content-Length: 0x5')],
  ['CL, exponent', sized('Content-Length: 5e0')],
  ['CL, fraction', sized('Content-Length: 5.0')],
  ['CL, underscore', sized('Content-Length: 0_5')],
  ['CL, two numbers', sized('Content-Length: 5 5')],
  ['CL, no-break space', sized('Content-Length: \xa05')],
  ['CL, vertical tab', sized('Content-Length: 5\x0b')],
  ['CL, full-width digit', sized('Content-Length: \xef\xbc\x95')],
  ['CL, more digits than any body has', sized('Content-Length: 00000000000000000005')],
  ['CL, space before the colon', sized('Content-Length : 5')],
  ['CL, space before the name', sized('X: y\r\n Content-Length: 5')],
  ['CL, folded', sized('Content-Length:\r\n 5')],
];

const CHUNKS: readonly Case[] = [
  ['chunk extension with a line feed', `${CHUNKED}2;\nxx\r\nhi\r\n${LAST_CHUNK}`],
  ['chunk extension with a carriage return', `${CHUNKED}2;a\rb\r\nhi\r\n${LAST_CHUNK}`],
  ['chunk extension with a space', `${CHUNKED}2 ;a\r\nhi\r\n${LAST_CHUNK}`],
  ['chunk extension without a name', `${CHUNKED}2;\r\nhi\r\n${LAST_CHUNK}`],
  ['chunk extension with an open quote', `${CHUNKED}2;a="b\r\nhi\r\n${LAST_CHUNK}`],
  ['chunk extension with NUL', `${CHUNKED}2;a=\0\r\nhi\r\n${LAST_CHUNK}`],
  ['chunk size with a prefix', `${CHUNKED}0x2\r\nhi\r\n${LAST_CHUNK}`],
  ['chunk size with a sign', `${CHUNKED}+2\r\nhi\r\n${LAST_CHUNK}`],
  ['chunk size below zero', `${CHUNKED}-2\r\nhi\r\n${LAST_CHUNK}`],
  ['chunk size with an underscore', `${CHUNKED}0_2\r\nhi\r\n${LAST_CHUNK}`],
  ['chunk size with a space', `${CHUNKED} 2\r\nhi\r\n${LAST_CHUNK}`],
  ['chunk size with a tab behind', `${CHUNKED}2\t\r\nhi\r\n${LAST_CHUNK}`],
  ['chunk size that is missing', `${CHUNKED}\r\nhi\r\n${LAST_CHUNK}`],
  ['chunk size beyond counting', `${CHUNKED}fffffffffffffffff2\r\nhi\r\n${LAST_CHUNK}`],
  ['chunk size ended by a line feed', `${CHUNKED}2\nhi\r\n${LAST_CHUNK}`],
  ['chunk size ended by two carriage returns', `${CHUNKED}2\r\r\nhi\r\n${LAST_CHUNK}`],
  ['chunk longer than its size', `${CHUNKED}2\r\nhi!\r\n${LAST_CHUNK}`],
  ['chunk ended by a line feed', `${CHUNKED}2\r\nhi\n${LAST_CHUNK}`],
  ['chunk ended by two other bytes', `${CHUNKED}2\r\nhiXX${LAST_CHUNK}`],
  ['last chunk ended by line feeds', `${CHUNKED}0\n\n`],
  ['length in the trailers', `${CHUNKED}0\r\nContent-Length: 5\r\n\r\n`],
  ['coding in the trailers', `${CHUNKED}0\r\nTransfer-Encoding: chunked\r\n\r\n`],
  ['host in the trailers', `${CHUNKED}0\r\nHost: other\r\n\r\n`],
  ['trailer with a space before the colon', `${CHUNKED}0\r\nX : y\r\n\r\n`],
  ['trailer that is folded', `${CHUNKED}0\r\nX: y\r\n z\r\n\r\n`],
];

const LINES: readonly Case[] = [
  ['bare LF', 'GET / HTTP/1.1\nHost: test\n\n'],
  ['bare LF after a field', `GET / HTTP/1.1\r\nHost: test\n\r\n`],
  ['bare CR in a value', `${GET}X: a\rb\r\n\r\n`],
  ['bare CR as an end of line', `${GET}X: a\r\rGET /smuggled HTTP/1.1\r\n\r\n`],
  ['NUL in a value', `${GET}X: a\0b\r\n\r\n`],
  ['obsolete folding', `${GET}X: a\r\n b\r\n\r\n`],
  ['obsolete folding with a tab', `${GET}X: a\r\n\tb\r\n\r\n`],
  ['space before the first field', `GET / HTTP/1.1\r\n ${HOST}\r\n`],
  ['field without a name', `${GET}: x\r\n\r\n`],
  ['field without a colon', `${GET}x\r\n\r\n`],
  ['field name with a space', `${GET}X Y: z\r\n\r\n`],
  ['field name that is not ASCII', `${GET}\xe9: x\r\n\r\n`],
  ['two empty lines before the request', `\r\n\r\n${GET}\r\n`],
  ['two spaces in the request line', `GET  / HTTP/1.1\r\n${HOST}\r\n`],
  ['a tab in the request line', `GET\t/ HTTP/1.1\r\n${HOST}\r\n`],
  ['a space behind the version', `GET / HTTP/1.1 \r\n${HOST}\r\n`],
  ['a space before the method', ` GET / HTTP/1.1\r\n${HOST}\r\n`],
  ['a version in lower case', `GET / http/1.1\r\n${HOST}\r\n`],
  ['a version of two digits', `GET / HTTP/1.10\r\n${HOST}\r\n`],
  ['a version with a zero in front', `GET / HTTP/01.1\r\n${HOST}\r\n`],
  ['HTTP/0.9', 'GET /\r\n'],
  ['TLS on a plain port', '\x16\x03\x01\x02\x00'],
];

const TARGETS: readonly Case[] = [
  ['a target with NUL', `GET /a\0b HTTP/1.1\r\n${HOST}\r\n`],
  ['a target that is not ASCII', `GET /\xe9 HTTP/1.1\r\n${HOST}\r\n`],
  ['a target with a fragment', `GET /a#b HTTP/1.1\r\n${HOST}\r\n`],
  ['a target without a slash', `GET a HTTP/1.1\r\n${HOST}\r\n`],
  ['an asterisk for GET', `GET * HTTP/1.1\r\n${HOST}\r\n`],
  ['an authority for GET', `GET test:80 HTTP/1.1\r\n${HOST}\r\n`],
  ['another scheme', `GET ftp://test/ HTTP/1.1\r\n${HOST}\r\n`],
  ['credentials in the target', `GET http://a:b@test/ HTTP/1.1\r\n${HOST}\r\n`],
  ['two hosts', `${GET}Host: b\r\n\r\n`],
  ['two hosts alike', `${GET}${HOST}\r\n`],
  ['no host', 'GET / HTTP/1.1\r\n\r\n'],
  ['no host beside an absolute target', 'GET http://test/ HTTP/1.1\r\n\r\n'],
  ['an empty host', 'GET / HTTP/1.1\r\nHost: \r\n\r\n'],
  ['a host with a path', 'GET / HTTP/1.1\r\nHost: test/x\r\n\r\n'],
  ['a host with credentials', 'GET / HTTP/1.1\r\nHost: a@test\r\n\r\n'],
  ['a list of hosts', 'GET / HTTP/1.1\r\nHost: a, b\r\n\r\n'],
  ['a host with a space', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'],
  ['a host with a no-break space', 'GET / HTTP/1.1\r\nHost: test\xa0\r\n\r\n'],
  ['a port that is no number', 'GET / HTTP/1.1\r\nHost: test:80x\r\n\r\n'],
  ['a host with an open bracket', 'GET / HTTP/1.1\r\nHost: [::1\r\n\r\n'],
];

/** Each is answered with 400 alone and a closed connection, although a good request follows. */
export const SMUGGLING: readonly Case[] = [
  ...TRANSFER_ENCODINGS,
  ...LENGTHS,
  ...CHUNKS,
  ...LINES,
  ...TARGETS,
];

/** Well-formed, and not to be had here: answered with this status alone and a closed connection (RFC 9110 §15.6.2). */
export const UNSUPPORTED: readonly (readonly [name: string, status: number, bytes: string])[] = [
  ['another coding before chunked', 501, coded('Transfer-Encoding: gzip, chunked')],
  ['identity before chunked', 501, coded('Transfer-Encoding: identity, chunked')],
  ['a method that is too long', 501, `${'M'.repeat(40)} / HTTP/1.1\r\n${HOST}\r\n`],
  ['a tunnel', 501, 'CONNECT test:80 HTTP/1.1\r\nHost: test:80\r\n\r\n'],
  ['another version', 505, `GET / HTTP/2.0\r\n${HOST}\r\n`],
  ['an unknown expectation', 417, `${GET}Expect: tea\r\n\r\n`],
];

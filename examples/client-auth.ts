// Digest, and OAuth 2 client credentials, against a server in this process.
//   npx tsx examples/client-auth.ts
import { createHash } from 'node:crypto';
import { appTransport, Client, digest, oauth2 } from '@needletail/client';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const refuse = (challenge: string): Response =>
  new Response('no', { status: 401, headers: { 'WWW-Authenticate': challenge } });

let tokens = 0;
const server = appTransport((request) => {
  const { pathname } = new URL(request.url);
  const given = request.headers.get('authorization') ?? '';
  if (pathname === '/token') {
    return Response.json({
      access_token: `t${(tokens += 1)}`,
      token_type: 'Bearer',
      expires_in: 600,
    });
  }
  if (pathname === '/machine') return given === 'Bearer t1' ? new Response('in') : refuse('Bearer');
  const said = (name: string): string => new RegExp(` ${name}="?([^",]+)`).exec(given)?.[1] ?? '';
  const secret = `${md5('ada:here:secret')}:n1:${said('nc')}:${said('cnonce')}:auth`;
  const isRight = said('response') === md5(`${secret}:${md5(`GET:${pathname}`)}`);
  return isRight ? new Response('in') : refuse('Digest realm="here", nonce="n1", qop="auth"');
});

const client = new Client({ baseUrl: 'https://api.test', transport: server });
const person = client.extend({ auth: digest('ada', 'secret') });
const first = await person.get('/person');
const second = await person.get('/person');
console.log(first.text(), `after ${first.history.length} challenge, then ${second.history.length}`);

const auth = oauth2({ tokenUrl: 'https://api.test/token', clientId: 'app', clientSecret: 's3' });
const machine = client.extend({ auth });
const answers = await Promise.all([1, 2, 3].map(() => machine.get('/machine')));
console.log(
  answers.map((answer) => answer.text()),
  `with ${tokens} token`,
);
if (!second.ok || answers.some((answer) => !answer.ok)) process.exitCode = 1;

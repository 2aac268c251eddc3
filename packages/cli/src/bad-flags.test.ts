import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal, needletail, Scratch } from './process/needletail.fixture.ts';

// Every case is refused before anything is sent, which the listener behind the address would notice.
let url = '';
let connections = 0;
const scratch = new Scratch();
const listener = createServer((socket) => {
  connections += 1;
  socket.destroy();
});

beforeAll(async () => {
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`;
});
afterAll(() => {
  listener.close();
  scratch.remove();
  expect(connections).toBe(0);
});

/** What nobody can mean, for flags that take a count, a rate or a duration. */
const numbers: readonly (readonly [flag: string, value: string, message: RegExp])[] = [
  ...['-c', '-u', '-n', '-i', '-w', '--pipelining', '--seed'].flatMap(
    (flag) =>
      [
        [flag, '-1', /Not a count: "-1" is negative \(--[a-z]+\)\. Write it like 250/],
        [flag, '9'.repeat(30), /is larger than any run can count/],
      ] as const,
  ),
  ...['-c', '-u', '-n', '-i', '-w', '--pipelining'].map(
    (flag) =>
      [flag, '0', /Out of bounds: it is 0 \(.*\)\. Give a whole number from 1 to /] as const,
  ),
  ['-c', '100001', /Out of bounds: it is 100001 .* from 1 to 100,000\./],
  ['-w', '65', /Out of bounds: it is 65 .* from 1 to 64\./],
  ['--pipelining', '1025', /from 1 to 1,024\./],
  ['-n', '3b', /Out of bounds: it is 3000000000 .* from 1 to 2,000,000,000\./],
  ['-n', 'ten', /Not a count: "ten" is not a number/],
  ['-n', '1.5', /Not a count: "1.5" is not a whole number/],
  ['-n', '', /Not a count: "" is empty/],
  ['-R', '-5', /Not a rate: "-5" is negative \(--rate\)\. Write it like 2000/],
  ['-R', '0', /Out of bounds: it is 0 .* Give more than 0 and at most 10,000,000\./],
  ['-R', '10000001', /at most 10,000,000\./],
  ['-R', 'fast', /Not a rate: "fast" is not a number/],
  ...['-d', '--timeout', '--think', '--warmup', '--ramp-up'].flatMap(
    (flag) =>
      [
        [flag, '-1s', /Not a duration: "-1s" is negative \(--[a-z-]+\)\. Write it like 500ms/],
        [flag, '99d', /Not a duration: "99d" is longer than 24 days/],
      ] as const,
  ),
  ['-d', 'soon', /is not made of numbers and units/],
  ['-d', '0', /Out of bounds: it is 0ms .* Give from 1ms to 24d\./],
  ['--timeout', '0', /Out of bounds: it is 0ms .* Give from 1ms to 1h\./],
  ['--timeout', '2h', /Out of bounds: it is 2h .* to 1h\./],
  ['--ramp-up', '11s', /the ramp of 11s is longer than the run of 10s/],
  ['-s', '10s', /Stage not usable: "10s" is not a duration and a level .* Write it like 30s:50/],
  ['-s', '10s:-3', /Not a count: "-3" is negative \(-s\/--stage\)/],
  ['-s', '0s:5', /Load not usable: there is never a user at work .* Give stages a length/],
  ['--on-port', '65536', /Bad value for --on-port: not a port \(65536\)\. Give a number from 1/],
];

describe.concurrent('needletail with a number that cannot be', () => {
  it.for(numbers)('refuses %s %s', async ([flag, value, message]) => {
    expectRefusal(await needletail([url, flag, value]), message);
  });
});

const contradictions: readonly (readonly [argv: readonly string[], message: RegExp])[] = [
  [['-c', '3', '-u', '4'], /each user has one connection, and 4 is not 3/],
  [['-n', '10', '-i', '3'], /both say when the run ends \(-n\/--requests and -i\/--iterations\)/],
  [['-R', '10', '-u', '5'], /a rate drives the run, .*\(-u\/--users and -R\/--rate\)/],
  [['-R', '10', '--think', '1s'], /nobody waits to think/],
  [['-R', '10', '--ramp-up', '1s'], /a rate ramps by stages/],
  [['-s', '1s:5', '-d', '3s'], /the stages say how long the run is/],
  [['-s', '1s:5', '-c', '9'], /the stages say how many users there are/],
  [['--poisson'], /arrivals are random only where a rate drives/],
  [['--pipelining', '4', '--no-keepalive'], /has nothing to pipeline/],
  [['--pipelining', '4', '--think', '1s'], /sends one at a time/],
  [['-w', '5', '-c', '2'], /5 workers cannot share 2 connections/],
  [['-d', '1s', '-z', '2s'], /Contradictory flags: -d and -z mean the same/],
  [['-R', '5', '--rps', '6'], /Contradictory flags: -R and --rps mean the same/],
  [['-m', 'PUT', '-X', 'POST'], /Contradictory flags: -m and -X mean the same/],
];

describe.concurrent('needletail with flags that contradict', () => {
  it.for(contradictions)('refuses %j', async ([argv, message]) => {
    const ended = await needletail([url, ...argv]);
    expectRefusal(ended, message);
    expect(ended.stderr).toMatch(/Give one of them\.\n$/);
  });
});

const addresses: readonly (readonly [address: string, message: RegExp])[] = [
  ['http://', /Not an address: "http:\/\/" has no host .* Write it like http:\/\/localhost:3000/],
  ['', /Not an address: it is empty/],
  ['ftp://host/', /ftp is not spoken \(address\)\. Use http or https\./],
  ['http://a b/', /"a b" is no host/],
  ['http://host:99999/', /port 99999 is not from 1 to 65535/],
  ['http://host:0/', /port 0 is not from 1 to 65535/],
  ['http://[::1/', /"\[::1" is no host/],
  ['http://user:p%zz@host/', /its credentials hold a bad percent code .* as %25\./],
  ['http://{{host}}/', /host and port cannot hold slots/],
  ['http://host/{{nope}}', /Unknown slot: nothing is called "nope"/],
  ['plan.yaml', /Write needletail run plan\.yaml\./],
  ['hepl', /Unknown command: .*\(hepl\)\. Did you mean needletail help\?/],
];

describe.concurrent('needletail with an address that is none', () => {
  it.for(addresses)('refuses %j', async ([address, message]) => {
    expectRefusal(await needletail([address]), message);
  });
});

const others: readonly (readonly [argv: readonly string[], message: RegExp])[] = [
  [['--conections', '3'], /Unknown flag: .*\(--conections\)\. Did you mean --connections\?/],
  [['-c'], /Flag without its value: .*\(-c, --connections <n>\)\. See needletail --help\./],
  [['http://other/'], /Too many arguments: Expected 1 argument but got 2/],
  [['-m', 'GE T'], /Method not usable: "GE T" is no method name .* such as GET or POST\./],
  [['-m', 'CONNECT'], /CONNECT opens a tunnel/],
  [
    ['-H', 'A: b\rEvil: 1'],
    /the value of A holds U\+000D, .*\(RFC 9110 §5\.5\).* Remove or encode/,
  ],
  [['-H', 'A: b\nEvil: 1'], /the value of A holds U\+000A/],
  [['-H', 'A: 5 €'], /the value of A holds U\+20AC/],
  [['-H', 'no colon'], /"no colon" has no name and colon .* Write it like 'Accept: text\/html'\./],
  [['-H', 'A B: c'], /"A B" is no header name/],
  [['-H', 'Content-Length: 4'], /Content-Length cannot be given, it is counted from the body/],
  [['-H', 'Connection: close'], /it is set by --no-keepalive .* Use that\./],
  [['-H', 'Host: a b'], /host "a b" is not a host and port/],
  [['-b', '@missing.txt'], /missing\.txt: there is no such file \(-b\/--body\)\. Looked for \//],
  [['-b', '@.'], /\.: it is a directory \(-b\/--body\)/],
  [['-b', '@'], /there is no file name \(-b\/--body\)\. Give one\./],
  [['--ca', 'missing.pem'], /missing\.pem: there is no such file \(--ca\)/],
  [
    ['--ca', 'text.pem'],
    /Not a certificate: there is no BEGIN CERTIFICATE line \(--ca\)\. Give a PEM/,
  ],
  [['-k', '--ca', 'text.pem'], /Not a certificate|Contradictory settings/],
  [['-e', 'novalue'], /Not a variable: "novalue" has no = .* Write it like -e base=/],
  [['-e', 'a=1'], /Variable without a use: neither \{\{a\}\} nor \$\{a\} occurs/],
  [['--threshold', 'p99 < 50'], /expected a unit: us, ms, s or m, found the end .*character 9/],
  [['--threshold', 'speed > 9'], /expected p50 to p99\.999, .*found "speed > 9"/],
  [['--threshold', '[GET /x] p99 < 1s'], /no request is called "GET \/x" .* Requests are GET \/\./],
  [['--on-port', '3000'], /--on-port needs a command .* Write it after --/],
  [['--', 'node', 'server.js'], /A command without its port: node server\.js .* Add --on-port/],
  [['-d', '1s', '--json', '-', '--csv', '-'], /Two reports in one place: --json and --csv/],
];

describe.concurrent('needletail with anything else it cannot use', () => {
  it.for(others)('refuses %j', async ([argv, message]) => {
    scratch.write('text.pem', 'not a certificate');
    expectRefusal(await needletail([url, ...argv], { cwd: scratch.path }), message);
  });

  it('refuses a load flag before a command, which would have no effect', async () => {
    expectRefusal(
      await needletail(['-n', '10', 'run', 'plan.yaml']),
      /--requests stands before the command \(run\)\. Write it after/,
    );
  });

  it('refuses to serve where it cannot', async () => {
    const taken = new URL(url).port;
    expectRefusal(await needletail(['serve', '--port', 'x']), /not a port \(x\)\. Give a number/);
    expectRefusal(
      await needletail(['serve', '--port', taken]),
      /Cannot listen: another program listens there \(127\.0\.0\.1:\d+\)\. Stop it, or choose/,
    );
    expectRefusal(
      await needletail(['serve', '--port', '0', '--host', 'nothing.invalid']),
      /Cannot listen: this machine has no such address .* such as 127\.0\.0\.1/,
    );
  });

  it('says what a target wrote that did not come up', async () => {
    const script = 'console.error("no database"); process.exit(7)';
    const ended = await needletail([url, '--on-port', '9', '--', process.execPath, '-e', script]);
    expect([ended.status, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toMatch(
      /The target ended by itself: exit code 7 .*\n {2}\| no database\n$/,
    );
  });
});

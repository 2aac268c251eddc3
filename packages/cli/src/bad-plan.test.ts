import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { expectRefusal, needletail, Scratch } from './process/needletail.fixture.ts';

const scratch = new Scratch();
mkdirSync(join(scratch.path, 'folder.yaml'));
afterAll(() => scratch.remove());

let files = 0;

async function runPlan(text: string | Uint8Array, extension = 'yaml') {
  const name = `plan-${(files += 1)}.${extension}`;
  scratch.write(name, text);
  return { name, ended: await needletail(['run', name], { cwd: scratch.path }) };
}

const base = 'target: http://127.0.0.1:1\n';

describe.concurrent('needletail run with a plan that is not there', () => {
  it.for([
    ['missing.yaml', /Cannot read the plan: no such file \(missing\.yaml\)\. Check the path\./],
    ['folder.yaml', /Cannot read the plan: it is a directory \(folder\.yaml\)/],
    [
      'plan.txt',
      /unknown kind of file \(plan\.txt\)\. .*name it \.yaml, \.yml or \.json; a scenario is \.ts or \.js\./,
    ],
    ['http://host/', /run takes a file .* write needletail http:\/\/host\/\./],
  ] as const)('refuses %s', async ([file, message]) => {
    expectRefusal(await needletail(['run', file], { cwd: scratch.path }), message);
  });

  it.runIf(process.platform === 'linux')('refuses one that may not be read', async () => {
    scratch.write('secret.yaml', base, 0o000);
    const around = { cwd: scratch.path, unprivileged: true };
    expectRefusal(
      await needletail(['run', 'secret.yaml'], around),
      /Cannot read the plan: permission denied \(secret\.yaml\)/,
    );
  });
});

/** The place is line and column; the line itself follows the message, with a caret under the column. */
const malformed: readonly (readonly [text: string, place: string, message: RegExp])[] = [
  [`${base}laod: { users: 3 }\n`, '2:1', /Unknown key: "laod" .* Did you mean "load"\?/],
  [`${base}load:\n  usres: 3\n`, '3:3', /"usres" is no setting of .* Did you mean "users"\?/],
  [`${base}requests:\n  - { path: /, wieght: 2 }\n`, '3:16', /Did you mean "weight"\?/],
  [`${base}load: { users: 3\nx: 1\n`, '3:1', /Plan not readable: flow map .*Mend the YAML there\./],
  [`${base}\ttimeout: 1s\n`, '2:1', /tabs are not allowed as indentation/],
  ['target: {{host}}/\n', '1:17', /Put texts that begin with \{\{ in quotes\./],
  ['target: [1, 2]\n', '1:9', /Wrong value: target is a list .* Give text/],
  [`${base}load: { rate: 5, users: 3 }\n`, '2:18', /"users" is no setting of a load with a rate/],
  [`${base}load: { duration: soon }\n`, '2:19', /Not a duration: "soon" .* Write it like 500ms/],
  [`${base}load: { users: -4 }\n`, '2:16', /Not a count: "-4" is negative/],
  [`${base}workers: 1000\n`, '2:10', /Out of bounds: it is 1000 .* from 1 to 64\./],
  [`${base}success: [20]\n`, '2:11', /"20" is neither a status .* Write it like 404/],
  [`${base}thresholds: ['p99 < 5']\n`, '2:14', /expected a unit: us, ms, s or m/],
  [`${base}headers: { A: "b\\rc" }\n`, '2:', /the value of A holds U\+000D/],
  [`${base}headers: { A: "b\\0c" }\n`, '2:', /the value of A holds U\+0000/],
  [`${base}bodyFile: folder.yaml\n`, '2:11', /folder\.yaml: it is a directory/],
  ['target: "http://h/${nope}"\n', '1:9', /Unknown variable: nothing is called "nope"/],
  ['target: "http://h/{{nope}}"\n', '1:', /Unknown slot: nothing is called "nope"/],
  ['', '1:1', /the file is empty .* Give a map of settings/],
  ['\u0000\u001b[2J', '1:1', /Wrong value: the file is /],
];

describe.concurrent('needletail run with a plan that is wrong', () => {
  it.for(malformed)('points into %j', async ([text, place, message]) => {
    const { name, ended } = await runPlan(text);
    expectRefusal(ended, message);
    expect(ended.stderr).toContain(`${name}:${place}`);
    expect(ended.stderr).toMatch(/\n +\d+ \| .*\n +\| *\^\n/);
    expect(ended.stderr.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it('points into JSON', async () => {
    const { name, ended } = await runPlan('{"target": "http://h", "load": {"users": }}', 'json');
    expectRefusal(ended, /load\.users/);
    expect(ended.stderr).toContain(`${name}:1:42`);
  });

  it('lists every fault of a plan at once', async () => {
    const { ended } = await runPlan(`${base}laod: 1\ntimeuot: 2\n`);
    expect(ended.stderr).toMatch(/"laod"[\s\S]*"timeuot"/);
  });
});

const feeds: readonly (readonly [name: string, content: string | Uint8Array, message: RegExp])[] = [
  ['ragged.csv', 'a,b\n1,2\n3\n', /has 1 field, the header 2 \(ragged\.csv:3, field 2/],
  ['open.csv', 'a,b\n1,"2\n', /a quote is opened and never closed \(open\.csv:2, field 2/],
  ['empty.csv', '', /there is no header row \(empty\.csv/],
  [
    'binary.csv',
    Uint8Array.of(0x61, 0x0a, 0xff, 0xfe),
    /it is not valid UTF-8 .* Save it as UTF-8/,
  ],
  ['bad.ndjson', '{"a":1}\n{"a" 1}\n', /it is not JSON: .*\(bad\.ndjson:2:6/],
  ['bad.json', '[{"a":1},\n{"a" 2}]', /it is not JSON: .*\(bad\.json:2:6/],
  ['uneven.json', '[{"a":1},{"b":2}]', /has no "a", .*\(uneven\.json, element 2/],
  ['feed.xls', 'a', /nothing is known of \.xls files .* Name it \.csv/],
];

describe.concurrent('needletail with a feed that cannot be used', () => {
  it.for(feeds)('refuses %s', async ([name, content, message]) => {
    scratch.write(name, content);
    const argv = ['http://127.0.0.1:1/{{a}}', '--feed', name];
    expectRefusal(await needletail(argv, { cwd: scratch.path }), message);
  });

  it.for([
    ['none.csv', /none\.csv: there is no such file \(--feed\)\. Looked for \//],
    ['folder.yaml', /folder\.yaml: it is a directory \(--feed\)/],
  ] as const)('refuses %s', async ([name, message]) => {
    const argv = ['http://127.0.0.1:1/{{a}}', '--feed', name];
    expectRefusal(await needletail(argv, { cwd: scratch.path }), message);
  });

  it('refuses a value that would break out of a header, with its row', async () => {
    scratch.write('evil.csv', 'a\nx\n"y\r\nEvil: 1"\n');
    const argv = ['http://127.0.0.1:1/', '-H', 'X: {{a}}', '--feed', 'evil.csv'];
    expectRefusal(
      await needletail(argv, { cwd: scratch.path }),
      /column a of data row 2 holds a control character .* Remove it from the feed/,
    );
  });
});

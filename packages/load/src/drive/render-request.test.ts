import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestSpec } from '../plan/plan.ts';
import { toolVersion } from '../plan/tool-version.ts';
import { compileRequest } from './render-request.ts';
import type { CompileOptions } from './render-request.ts';

function spec(changes: Partial<RequestSpec> = {}): RequestSpec {
  return {
    name: 'GET /',
    method: 'GET',
    url: 'http://localhost:3000/',
    headers: [],
    body: null,
    weight: 1,
    ...changes,
  };
}

const options: CompileOptions = { columns: ['sku', 'note'], keepAlive: true, seed: 1 };

function lines(text: string): string[] {
  return text.split('\r\n');
}

function render(
  changes: Partial<RequestSpec>,
  iteration = 0,
  row: readonly string[] | null = ['A-1', 'plain'],
): string {
  return compileRequest(spec(changes), options).render(iteration, row);
}

function bodyOf(text: string): string {
  return text.slice(text.indexOf('\r\n\r\n') + 4);
}

function firstLine(changes: Partial<RequestSpec>, row?: readonly string[]): string {
  return lines(render(changes, 0, row))[0];
}

describe('compileRequest, without slots', () => {
  it('renders once, with the headers every request has', () => {
    const { fixed, name, isHead } = compileRequest(spec(), options);
    expect(fixed!.toString('latin1')).toBe(
      'GET / HTTP/1.1\r\nHost: localhost:3000\r\n' +
        `User-Agent: needletail/${toolVersion()}\r\nAccept: */*\r\n\r\n`,
    );
    expect([name, isHead]).toEqual(['GET /', false]);
    expect(render({})).toBe(fixed!.toString('latin1'));
  });

  it('lets the plan replace default headers and Host, in any letter case', () => {
    const text = render({
      headers: [
        ['user-agent', 'mine'],
        ['HOST', 'other.example'],
        ['X-A', '1'],
        ['X-A', '2'],
      ],
    });
    expect(lines(text).slice(1, -2).sort()).toEqual([
      'Accept: */*',
      'Host: other.example',
      'X-A: 1',
      'X-A: 2',
      'user-agent: mine',
    ]);
  });

  it('closes the connection after each answer when it is not kept', () => {
    const closing = compileRequest(spec(), { ...options, keepAlive: false });
    expect(lines(closing.fixed!.toString('latin1'))).toContain('Connection: close');
  });

  it('sends text as UTF-8 and counts bytes, not characters', () => {
    const text = render({ method: 'POST', body: 'zażółć 🐦' });
    expect(lines(text)).toContain('Content-Length: 15');
    expect(lines(text)).toContain('Content-Type: text/plain; charset=utf-8');
    expect(Buffer.from(bodyOf(text), 'latin1').toString('utf8')).toBe('zażółć 🐦');
  });

  it('sends bytes as they are, slots or not', () => {
    const body = Uint8Array.of(0, 255, 0x7b, 0x7b, 0x78, 0x7d, 0x7d);
    const text = render({ method: 'PUT', body });
    expect(lines(text)).toContain('Content-Type: application/octet-stream');
    expect(Buffer.from(bodyOf(text), 'latin1')).toEqual(Buffer.from(body));
  });

  it.each([
    ['POST', true],
    ['PUT', true],
    ['PATCH', true],
    ['GET', false],
    ['HEAD', false],
    ['DELETE', false],
  ])('%s without a body says so: %s', (method, says) => {
    expect(lines(render({ method })).includes('Content-Length: 0')).toBe(says);
  });

  it('knows answers without a body', () => {
    expect(compileRequest(spec({ method: 'HEAD' }), options).isHead).toBe(true);
  });

  it.each([
    ['http://h', 'GET / HTTP/1.1'],
    ['http://h?a=1', 'GET /?a=1 HTTP/1.1'],
    ['http://h/a b/ä"?q=ü&x=%20#part', 'GET /a%20b/%C3%A4%22?q=%C3%BC&x=%20 HTTP/1.1'],
  ])('%s asks %s', (url, line) => {
    expect(firstLine({ url })).toBe(line);
  });

  it.each([
    [{ method: 'GE T' }],
    [{ headers: [['X', 'a\r\nY: b']] as const }],
    [{ headers: [['X', 'ā']] as const }],
    [{ headers: [['Bad Name', 'a']] as const }],
    [{ headers: [['Content-Length', '5']] as const }],
  ])('refuses %j', (changes) => {
    expect(() => compileRequest(spec(changes), options)).toThrow(/not sent/);
  });
});

describe('compileRequest, with slots', () => {
  it('fills target, headers and body, and counts the body anew', () => {
    const { fixed, render: renderOne } = compileRequest(
      spec({
        method: 'POST',
        url: 'http://h/items/{{sku}}?n={{iteration}}',
        headers: [['X-Sku', 'is {{ sku }}']],
        body: '{"sku":"{{sku}}","note":"{{note|json}}"}',
      }),
      options,
    );
    expect(fixed).toBeNull();
    const text = renderOne(12, ['A-1', 'say "ü"']);
    expect(lines(text)[0]).toBe('POST /items/A-1?n=12 HTTP/1.1');
    expect(lines(text)).toContain('X-Sku: is A-1');
    const body = Buffer.from(bodyOf(text), 'latin1');
    expect(lines(text)).toContain(`Content-Length: ${body.length}`);
    expect(JSON.parse(body.toString('utf8'))).toEqual({ sku: 'A-1', note: 'say "ü"' });
  });

  it.each([
    ['/a/{{sku}}', 'x/y z?%', '/a/x/y%20z%3F%25'],
    ['/a?q={{sku}}', 'x&y=z+%/?', '/a?q=x%26y%3Dz%2B%25/?'],
    ['/{{sku}}', '/p/q?x=1&y=%20', '/p/q?x=1&y=%20'],
    ['/{{sku}}', 'p q', '/p%20q'],
    ['/{{sku}}/b', 'x?y', '/x%3Fy/b'],
    ['/a?q={{sku}}', 'ü\r\nX: y', '/a?q=%C3%BC%0D%0AX:%20y'],
  ])('%s with %j asks for %s', (target, value, expected) => {
    expect(firstLine({ url: `http://h${target}` }, [value, ''])).toBe(`GET ${expected} HTTP/1.1`);
  });

  it('keeps a body without slots as it is when only the head has some', () => {
    const text = render({ method: 'POST', url: 'http://h/{{iteration}}', body: 'slot-x' }, 3);
    expect(lines(text)[0]).toBe('POST /3 HTTP/1.1');
    expect(lines(text)).toContain('Content-Length: 6');
    expect(bodyOf(text)).toBe('slot-x');
  });

  it('draws the same values for the same seed and iteration, others for each slot, request and seed', () => {
    const template = { url: 'http://h/{{random:1:1000000}}/{{random:1:1000000}}/{{uuid}}' };
    const at = (changes: Partial<RequestSpec>, seed: number, iteration: number): string =>
      lines(
        compileRequest(spec({ ...template, ...changes }), { ...options, seed }).render(
          iteration,
          null,
        ),
      )[0];
    const base = at({}, 1, 5);
    expect(at({}, 1, 5)).toBe(base);
    const others = [at({}, 2, 5), at({}, 1, 6), at({ name: 'other' }, 1, 5)];
    expect(new Set([base, ...others]).size).toBe(4);
    const [, first, second] = base.split('/');
    expect(first).not.toBe(second);
  });

  it('covers a random range to both ends, evenly', () => {
    const { render: renderOne } = compileRequest(
      spec({ url: 'http://h/{{random:-1:1}}' }),
      options,
    );
    const counts = new Map<string, number>();
    for (let iteration = 0; iteration < 3000; iteration += 1) {
      const value = lines(renderOne(iteration, null))[0].split(' ')[1].slice(1);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['-1', '0', '1']);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('writes version 4 identifiers', () => {
    const { render: renderOne } = compileRequest(spec({ url: 'http://h/{{uuid}}' }), options);
    const seen = new Set<string>();
    for (let iteration = 0; iteration < 500; iteration += 1) {
      const line = lines(renderOne(iteration, null))[0];
      expect(line).toMatch(
        /^GET \/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12} /,
      );
      seen.add(line);
    }
    expect(seen.size).toBe(500);
  });

  it('counts bytes right for any value', () => {
    const { render: renderOne } = compileRequest(
      spec({ method: 'POST', url: 'http://h/{{sku}}?{{note}}', body: '<{{sku}}|{{note}}>' }),
      options,
    );
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'grapheme' }),
        fc.nat(),
        (sku, note, iteration) => {
          const text = renderOne(iteration, [sku, note]);
          const head = text.slice(0, text.indexOf('\r\n\r\n'));
          expect(head).toMatch(/^POST \/[\x21-\x7e]* HTTP\/1\.1\r\n/);
          const length = Number(/Content-Length: (\d+)$/.exec(head)![1]);
          expect(bodyOf(text).length).toBe(length);
          expect(Buffer.from(text, 'latin1').length).toBe(text.length);
          const sent = Buffer.from(bodyOf(text), 'latin1').toString('utf8');
          expect(sent).toBe(Buffer.from(`<${sku}|${note}>`).toString('utf8'));
        },
      ),
    );
  });

  it('names what is known for a slot that is not', () => {
    expect(() => render({ url: 'http://h/{{skuu}}' })).toThrow(
      'Unknown slot: nothing is called "skuu" (address of GET /). Did you mean "sku"? ' +
        'Known are iteration, random, random:1:100, uuid and the columns sku, note; -e skuu=… or vars defines another.',
    );
    expect(() => render({ body: 'a {{sku' })).toThrow('Slot without an end: "{{sku" has no }}');
    expect(() => render({ body: '{{random:9:1}}' })).toThrow('9 is more than 1');
    expect(() => render({ body: '{{random:0:4294967296}}' })).toThrow('more than 2^32 numbers');
  });

  it('lets a column hide a built-in of the same name', () => {
    const own = compileRequest(spec({ url: 'http://h/{{uuid}}' }), {
      ...options,
      columns: ['uuid'],
    });
    expect(lines(own.render(0, ['mine']))[0]).toBe('GET /mine HTTP/1.1');
  });

  it('refuses a feed with a value that no header can carry, by its row', () => {
    const request = spec({ headers: [['X-Note', '{{note}}']] });
    const rows = [
      ['a', 'fine'],
      ['b', 'two\r\nlines'],
    ];
    expect(() => compileRequest(request, { ...options, rows })).toThrow(
      'Value not fit for a header: column note of data row 2 holds a control character or one past U+00FF (header X-Note of GET /).',
    );
    expect(() => compileRequest(request, { ...options, rows: rows.slice(0, 1) })).not.toThrow();
  });
});

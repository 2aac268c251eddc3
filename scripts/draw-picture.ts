// Draws docs/summary.svg, the picture in the README: a real run against the built-in target, as a terminal shows it.
//
//   npm run build && npx tsx scripts/draw-picture.ts
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COMMAND = 'packages/cli/bin/needletail.js';
const COLUMNS = 80;
const CHARACTER_WIDTH = 8.43;
const LINE_HEIGHT = 18;
const MARGIN = 20;
/** Colours of the terminal by SGR code (ECMA-48 §8.3.117), dark theme. */
const COLOURS: Readonly<Record<string, string>> = {
  31: '#f7768e',
  32: '#9ece6a',
  33: '#e0af68',
  34: '#7aa2f7',
  35: '#bb9af7',
  36: '#7dcfff',
  90: '#7a83a8',
};
const FOREGROUND = '#c8d0f0';
const BACKGROUND = '#1a1b26';

interface Style {
  readonly colour: string;
  readonly bold: boolean;
  readonly dim: boolean;
}

const PLAIN: Style = { colour: FOREGROUND, bold: false, dim: false };

function restyled(style: Style, code: string): Style {
  if (code === '0' || code === '') return PLAIN;
  if (code === '1') return { ...style, bold: true };
  if (code === '2') return { ...style, dim: true };
  if (code === '22') return { ...style, bold: false, dim: false };
  if (code === '39') return { ...style, colour: FOREGROUND };
  return { ...style, colour: COLOURS[code] ?? style.colour };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** One line of a terminal as pieces of text, each at its own column so that fonts cannot shift it. */
function drawLine(line: string, row: number): string {
  const pieces: string[] = [];
  let style = PLAIN;
  let column = 0;
  // eslint-disable-next-line no-control-regex -- the escape character is what is looked for
  for (const [, codes, text] of line.matchAll(/(?:\u001B\[([\d;]*)m)|([^\u001B]+)/g)) {
    if (text === undefined) {
      for (const code of (codes ?? '').split(';')) style = restyled(style, code);
      continue;
    }
    const x = (MARGIN + column * CHARACTER_WIDTH).toFixed(1);
    const width = (Array.from(text).length * CHARACTER_WIDTH).toFixed(1);
    const weight = style.bold ? ' font-weight="bold"' : '';
    const fade = style.dim ? ' opacity="0.6"' : '';
    if (text.trim() !== '') {
      pieces.push(
        `<text x="${x}" y="${MARGIN + (row + 1) * LINE_HEIGHT}" fill="${style.colour}" textLength="${width}" ` +
          `xml:space="preserve"${weight}${fade}>${escaped(text)}</text>`,
      );
    }
    column += Array.from(text).length;
  }
  return pieces.join('');
}

const target = spawn(process.execPath, [COMMAND, 'serve', 'demo', '--port', '3000'], { cwd: ROOT });
await new Promise<void>((resolve) => {
  target.stdout.once('data', () => resolve());
  target.stderr.once('data', () => resolve());
});
const argv = ['http://localhost:3000/json', '-R', '2000', '-d', '10s', '--threshold', 'p99 < 50ms'];
const ran = spawnSync(process.execPath, [COMMAND, ...argv], {
  cwd: ROOT,
  encoding: 'utf8',
  env: { ...process.env, FORCE_COLOR: '1', COLUMNS: String(COLUMNS) },
});
target.kill('SIGTERM');
if (ran.status !== 0)
  throw new Error(`the run ended with ${ran.status}:\n${ran.stdout}${ran.stderr}`);

const prompt = `\u001B[90m$\u001B[39m npx needletail ${argv.map((word) => (word.includes(' ') ? `'${word}'` : word)).join(' ')}`;
const lines = [prompt, ...ran.stdout.trimEnd().split('\n')];
const width = Math.ceil(COLUMNS * CHARACTER_WIDTH + 2 * MARGIN);
const height = Math.ceil(lines.length * LINE_HEIGHT + 2 * MARGIN);
writeFileSync(
  `${ROOT}docs/summary.svg`,
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">\n` +
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>\n${lines.map(drawLine).join('\n')}\n</svg>\n`,
);
process.stdout.write(`docs/summary.svg: ${lines.length} lines\n`);

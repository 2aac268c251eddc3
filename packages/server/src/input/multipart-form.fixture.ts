import type { Part } from './multipart-part.ts';
import type { MultipartReader } from './read-multipart.ts';

export const BOUNDARY = 'needle';
export const FORM_FIELDS: Readonly<Record<string, string>> = {
  'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`,
};

/** One part of a body: its head's lines, and its content. */
export interface WrittenPart {
  readonly head: readonly string[];
  readonly content: string | Uint8Array;
}

export function field(name: string, value: string): WrittenPart {
  return { head: [`Content-Disposition: form-data; name="${name}"`], content: value };
}

export function file(name: string, filename: string, content: string | Uint8Array): WrittenPart {
  return {
    head: [
      `Content-Disposition: form-data; name="${name}"; filename="${filename}"`,
      'Content-Type: application/octet-stream',
    ],
    content,
  };
}

export function formBody(...parts: readonly WrittenPart[]): Buffer {
  const bytes = parts.flatMap(({ head, content }) => [
    Buffer.from(`--${BOUNDARY}\r\n${head.join('\r\n')}\r\n\r\n`),
    Buffer.from(content as Uint8Array),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...bytes, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

/** What a form held, for assertions: text of fields, name and text of files. */
export async function partsOf(form: MultipartReader): Promise<(readonly string[])[]> {
  const parts: (readonly string[])[] = [];
  for await (const part of form) parts.push(await shown(part));
  return parts;
}

async function shown(part: Part): Promise<readonly string[]> {
  if (part.kind === 'field') return [part.name, part.value];
  return [part.name, part.filename, (await part.bytes()).toString('latin1')];
}

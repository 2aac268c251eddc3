import { isUtf8 } from 'node:buffer';
import { essenceOf, formParameterOf } from './media-type.ts';
import { limitError } from './bad-input.ts';
import { malformed } from './multipart-scanner.ts';

/** What the head of a part of a form says (RFC 7578 §4). */
export interface PartHead {
  readonly name: string;
  /** Without folders, empty when none was chosen; null when the part is no file. */
  readonly filename: string | null;
  /** As sent: what the client says, not what the content is. `''` when it says nothing. */
  readonly contentType: string;
}

const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// oxlint-disable-next-line no-control-regex -- controls are what a head may not hold
const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f]/;
const EXTENDED_VALUE = /^(utf-8|iso-8859-1)'[^']*'([^']*)$/i;

/** Throws BadInputError (400) for lines that are no fields, for other parts than those of forms, and for long names. */
export function parsePartHead(bytes: Buffer, maxNameLength: number): PartHead {
  let disposition: string | null = null;
  let contentType = '';
  // Browsers send UTF-8; what is not may come from a program of the time before.
  for (const line of bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1').split('\r\n')) {
    const colon = line.indexOf(':');
    const fieldName = line.slice(0, Math.max(colon, 0));
    if (!FIELD_NAME.test(fieldName) || CONTROLS.test(line)) {
      throw malformed('The head of a part has a line that is no field.');
    }
    const value = line.slice(colon + 1).trim();
    const lower = fieldName.toLowerCase();
    if (lower === 'content-type') contentType = value;
    if (lower !== 'content-disposition') continue;
    if (disposition !== null) throw malformed('A part has two Content-Disposition fields.');
    disposition = value;
  }
  const name = disposition === null ? null : formParameterOf(disposition, 'name');
  if (disposition === null || name === null || essenceOf(disposition) !== 'form-data') {
    throw malformed('A part has no Content-Disposition of form-data with a name.');
  }
  if (name.length > maxNameLength)
    throw limitError('characters in the name of a part', maxNameLength);
  return { name, filename: filenameIn(disposition), contentType };
}

/** `filename*` is not for forms (RFC 7578 §4.2) and some clients send it; it says better what the other one can. */
function filenameIn(disposition: string): string | null {
  const extended = formParameterOf(disposition, 'filename*');
  const decoded = extended === null ? null : decodeExtended(extended);
  const filename = decoded ?? formParameterOf(disposition, 'filename');
  return filename === null ? null : basenameOf(filename);
}

/** RFC 8187 §3.2; null for what is not that. */
function decodeExtended(text: string): string | null {
  const match = EXTENDED_VALUE.exec(text);
  if (match === null) return null;
  const [, charset = '', value = ''] = match;
  try {
    if (charset.toLowerCase() === 'utf-8') return decodeURIComponent(value);
    return value.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

/** What is behind the last slash of either kind, without controls; a name that would be a folder is none. */
function basenameOf(path: string): string {
  const last = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  // oxlint-disable-next-line no-control-regex -- `%00` in an extended value becomes one
  const name = path.slice(last + 1).replaceAll(/[\u0000-\u001f\u007f]/g, '');
  return name === '.' || name === '..' ? '' : name;
}

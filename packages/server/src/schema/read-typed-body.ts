import { BadInputError } from '../input/bad-input.ts';
import { essenceOf, isJsonType } from '../input/media-type.ts';
import { readForm, type FormOptions } from '../input/read-form.ts';
import { readMultipart, type MultipartOptions } from '../input/read-multipart.ts';
import { readJsonSoon, type JsonOptions } from '../input/read-json.ts';
import { readText, type BodyRequest } from '../input/read-body.ts';

/** Kinds of bodies a route takes. */
export type BodyKind = 'json' | 'form' | 'multipart' | 'text';

export interface TypedBodyOptions
  extends Omit<JsonOptions, 'requireType'>, FormOptions, Pick<MultipartOptions, 'limits'> {
  /** All kinds unless set; others are refused with 415. */
  readonly accept?: readonly BodyKind[];
}

const MEDIA_TYPES: Readonly<Record<BodyKind, string>> = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  multipart: 'multipart/form-data',
  text: 'text/plain',
};
const ALL_KINDS: readonly BodyKind[] = ['json', 'form', 'multipart', 'text'];

/**
 * Reads bodies by their Content-Type: JSON to its value, forms to records (with files as web-standard `File`s in memory), text
 * to text. An empty body is undefined, for the schema to say whether it may be missing. Gives JSON without a promise where all of it
 * is here already.
 */
export function bodyReader(options: TypedBodyOptions): (request: BodyRequest) => unknown {
  const kinds = options.accept ?? ALL_KINDS;
  const accepted = kinds.map((kind) => MEDIA_TYPES[kind]).join(', ');
  return (request) => {
    if (request.body.length === 0) return undefined;
    const kind = kindOf(request.headers.get('content-type'));
    if (kind === null || !kinds.includes(kind)) throw unsupported(accepted);
    switch (kind) {
      case 'json':
        return readJsonSoon(request, options);
      case 'form':
        return readForm(request, options);
      case 'multipart':
        return readMultipart(request, options).collect();
      case 'text':
        return readText(request, options);
    }
  };
}

function kindOf(contentType: string | null): BodyKind | null {
  const essence = essenceOf(contentType);
  if (isJsonType(essence)) return 'json';
  if (essence === MEDIA_TYPES.form) return 'form';
  if (essence === MEDIA_TYPES.multipart) return 'multipart';
  return essence.startsWith('text/') ? 'text' : null;
}

function unsupported(accepted: string): BadInputError {
  const detail = `The Content-Type of the body must be one of: ${accepted}.`;
  return new BadInputError(415, 'UNSUPPORTED_MEDIA_TYPE', detail, {
    headers: { Accept: accepted },
  });
}

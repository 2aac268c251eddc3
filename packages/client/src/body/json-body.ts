import { invalidBody } from './invalid-body.ts';
import type { RequestBody } from './request-body.ts';
import { textBody } from './whole-body.ts';

/** `value` as JSON; throws InvalidRequestError for cycles, bigints and what JSON has no form for. */
export function jsonBody(value: unknown): RequestBody {
  return textBody(jsonText(value), 'application/json');
}

function jsonText(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0]! : 'toJSON threw';
    throw invalidBody(
      `it is no JSON: ${reason}`,
      'Convert bigints to strings, and cut cycles, before the call',
      error,
    );
  }
  if (text !== undefined) return text;
  throw invalidBody(`it is no JSON: ${typeof value} has no form in it`, 'Give data');
}

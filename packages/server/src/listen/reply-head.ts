// Hot: `opening` and `checkedHead` run once per answer and allocate nothing for a status and a head that were seen before.
// The caller gives every head to `checkedHead`: a status line and a date are this file's own, the rest is not.
// Guarded by bench/src/server-cpu.ts.
import { HttpDate, REASON_PHRASES } from '@needletail/wire';
import { InvalidReplyError } from '../errors.ts';
import { checkFinalStatus } from './reply-rules.ts';
import { isVouched } from './vouched-head.ts';

const STATUSES = 600;
/** Heads that are made anew for each answer must not fill the memory. */
const MOST_KNOWN_HEADS = 256;
const LONGEST_KNOWN_HEAD = 1024;

/** Whole field lines: a token, a colon, and a value without control characters (RFC 9112 §5). */
const FIELD_LINES = /^(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*$/;
/** Written by the backend, which knows how the body is framed and what becomes of the connection. */
const BACKEND_FIELDS =
  /^(?:connection|content-length|date|keep-alive|proxy-connection|transfer-encoding|upgrade):/im;

/** What answers begin with; one for all connections of a server. */
export class ReplyHeads {
  readonly #date = new HttpDate();
  /** Status line and Date by status, made when first needed in a second. */
  #openings: (string | undefined)[] = [];
  #dateLine = '';
  readonly #known = new Set<string>();
  #last = '';

  /** To be called at least once a second; `epochMs` is wall-clock time. */
  setTime(epochMs: number): void {
    const line = `Date: ${this.#date.at(epochMs)}\r\n`;
    if (line === this.#dateLine) return;
    this.#dateLine = line;
    this.#openings = Array.from({ length: STATUSES });
  }

  /** Status line and Date of a final answer; throws InvalidReplyError for what is no final status. */
  opening(status: number): string {
    return this.#openings[status] ?? this.#makeOpening(status);
  }

  /** `head` if it is made of whole field lines, none of them the backend's own; throws InvalidReplyError. */
  checkedHead(head: string): string {
    if (head === this.#last || isVouched(head) || this.#known.has(head)) return head;
    if (!FIELD_LINES.test(head)) {
      throw invalidHead('it is not made of whole field lines', 'Make it with encodeFields');
    }
    const own = BACKEND_FIELDS.exec(head)?.[0];
    if (own !== undefined) {
      throw invalidHead(`it holds ${own.slice(0, -1)}, which the server writes`, 'Leave it out');
    }
    if (head.length > LONGEST_KNOWN_HEAD) return head;
    if (this.#known.size === MOST_KNOWN_HEADS) this.#known.clear();
    this.#known.add(head);
    this.#last = head;
    return head;
  }

  #makeOpening(status: number): string {
    checkFinalStatus(status);
    // A 426 has to name what to switch to (RFC 9110 §15.5.22), and there is but one thing that can be meant.
    const upgrade = status === 426 ? 'Upgrade: websocket\r\nConnection: Upgrade\r\n' : '';
    const line = `HTTP/1.1 ${status} ${REASON_PHRASES[status] ?? ''}\r\n${this.#dateLine}${upgrade}`;
    this.#openings[status] = line;
    return line;
  }
}

function invalidHead(reason: string, remedy: string): InvalidReplyError {
  return new InvalidReplyError({
    code: 'INVALID_HEAD',
    problem: 'Answer not sent',
    reason,
    where: 'head',
    remedy,
  });
}

import type { Extension } from './extension-list.ts';

const NAME = 'permessage-deflate';
const LARGEST_WINDOW_BITS = 15;

/** What both sides agreed on (RFC 7692 §7.1). */
export interface DeflateAgreement {
  /** Each message of the server is compressed for itself, without what came before. */
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  /** 8 to 15: the server looks back 2^bits bytes at most. */
  readonly serverMaxWindowBits: number;
  readonly clientMaxWindowBits: number;
}

/** What one side wishes for; taking contexts over compresses better and keeps up to 32 KiB each way. */
export interface DeflateWishes {
  /** False unless set. */
  readonly contextTakeover?: boolean;
  /** 9 to 15; 15 unless set. */
  readonly maxWindowBits?: number;
}

interface Parameters {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  readonly serverMaxWindowBits: number | null;
  /** True when named without a value, as an offer may. */
  readonly clientMaxWindowBits: number | true | null;
}

/** The value of Sec-WebSocket-Extensions with which a client offers compression. */
export function offerDeflate(wishes: DeflateWishes = {}): string {
  const bits = wishes.maxWindowBits ?? LARGEST_WINDOW_BITS;
  return [
    NAME,
    ...(wishes.contextTakeover === true
      ? []
      : ['server_no_context_takeover', 'client_no_context_takeover']),
    ...(bits < LARGEST_WINDOW_BITS ? [`server_max_window_bits=${bits}`] : []),
    bits < LARGEST_WINDOW_BITS ? `client_max_window_bits=${bits}` : 'client_max_window_bits',
  ].join('; ');
}

/** A server's choice among what was offered: the first offer it understands, or null for none (RFC 7692 §5). */
export function chooseDeflate(
  offers: readonly Extension[],
  wishes: DeflateWishes = {},
): { readonly agreement: DeflateAgreement; readonly answer: string } | null {
  for (const offer of offers) {
    const asked = offer.name.toLowerCase() === NAME ? readParameters(offer, true) : null;
    if (asked === null) continue;
    const isFresh = wishes.contextTakeover !== true;
    const bits = wishes.maxWindowBits ?? LARGEST_WINDOW_BITS;
    const { clientMaxWindowBits: clientBits } = asked;
    const agreement: DeflateAgreement = {
      serverNoContextTakeover: isFresh || asked.serverNoContextTakeover,
      clientNoContextTakeover: isFresh || asked.clientNoContextTakeover,
      serverMaxWindowBits: Math.min(bits, asked.serverMaxWindowBits ?? LARGEST_WINDOW_BITS),
      // A client that does not name it cannot be asked to keep to it.
      clientMaxWindowBits:
        clientBits === null
          ? LARGEST_WINDOW_BITS
          : Math.min(bits, clientBits === true ? LARGEST_WINDOW_BITS : clientBits),
    };
    return { agreement, answer: answerOf(agreement, clientBits !== null) };
  }
  return null;
}

/** What a server's answer means to the client that made `offer`, or null when it is not an answer to it. */
export function readDeflateAnswer(
  answer: Extension,
  wishes: DeflateWishes = {},
): DeflateAgreement | null {
  if (answer.name.toLowerCase() !== NAME) return null;
  const given = readParameters(answer, false);
  if (given === null) return null;
  const bits = wishes.maxWindowBits ?? LARGEST_WINDOW_BITS;
  const isFresh = wishes.contextTakeover !== true;
  const serverBits = given.serverMaxWindowBits ?? LARGEST_WINDOW_BITS;
  // RFC 7692 §7.1.1.1, §7.1.2.1: what the offer demanded of the server must be in the answer.
  if (isFresh && !given.serverNoContextTakeover) return null;
  if (serverBits > bits) return null;
  return {
    serverNoContextTakeover: given.serverNoContextTakeover,
    clientNoContextTakeover: isFresh || given.clientNoContextTakeover,
    serverMaxWindowBits: serverBits,
    clientMaxWindowBits: Math.min(bits, Number(given.clientMaxWindowBits ?? LARGEST_WINDOW_BITS)),
  };
}

/** Null for a parameter that is unknown, given twice, or has a value it cannot have (RFC 7692 §7.1). */
function readParameters(extension: Extension, isOffer: boolean): Parameters | null {
  const given = new Map<string, string | true>();
  for (const [name, value] of extension.parameters) {
    if (given.has(name)) return null;
    given.set(name, value);
  }
  let serverMaxWindowBits: number | null = null;
  let clientMaxWindowBits: number | true | null = null;
  for (const [name, value] of given) {
    if (name === 'server_no_context_takeover' || name === 'client_no_context_takeover') {
      if (value !== true) return null;
    } else if (name === 'server_max_window_bits') {
      serverMaxWindowBits = readBits(value);
      if (serverMaxWindowBits === null) return null;
    } else if (name === 'client_max_window_bits') {
      clientMaxWindowBits = value === true && isOffer ? true : readBits(value);
      if (clientMaxWindowBits === null) return null;
    } else {
      return null;
    }
  }
  return {
    serverNoContextTakeover: given.has('server_no_context_takeover'),
    clientNoContextTakeover: given.has('client_no_context_takeover'),
    serverMaxWindowBits,
    clientMaxWindowBits,
  };
}

/** 8 to 15 without leading zeros (RFC 7692 §7.1.2.1). */
function readBits(value: string | true): number | null {
  return value !== true && /^(?:8|9|1[0-5])$/.test(value) ? Number(value) : null;
}

function answerOf(agreement: DeflateAgreement, isClientBitsKnown: boolean): string {
  return [
    NAME,
    ...(agreement.serverNoContextTakeover ? ['server_no_context_takeover'] : []),
    ...(agreement.clientNoContextTakeover ? ['client_no_context_takeover'] : []),
    ...(agreement.serverMaxWindowBits < LARGEST_WINDOW_BITS
      ? [`server_max_window_bits=${agreement.serverMaxWindowBits}`]
      : []),
    ...(isClientBitsKnown && agreement.clientMaxWindowBits < LARGEST_WINDOW_BITS
      ? [`client_max_window_bits=${agreement.clientMaxWindowBits}`]
      : []),
  ].join('; ');
}

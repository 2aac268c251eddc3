import { describe, expect, it } from 'vitest';
import { brokenRule, LimitError, ProtocolError, WireError } from './errors.ts';
import { DEFAULT_REQUEST_LIMITS, DEFAULT_RESPONSE_LIMITS, LIMIT_STATUS } from './limits.ts';
import { PROTOCOL_RULES, type RuleCode } from './protocol-rules.ts';

describe('ProtocolError', () => {
  it('says what is wrong, where, by which rule, and what to do', () => {
    const error = brokenRule('INVALID_CONTENT_LENGTH', 34, 0x2b);
    expect(error).toBeInstanceOf(WireError);
    expect(error).toMatchObject({
      name: 'ProtocolError',
      code: 'INVALID_CONTENT_LENGTH',
      offset: 34,
      status: 400,
    });
    expect(error.message).toBe(
      'Invalid Content-Length: found 0x2b "+" (byte 34; RFC 9110 §8.6). Send 1 to 15 decimal digits.',
    );
  });

  it.each(Object.keys(PROTOCOL_RULES) as RuleCode[])('%s names its source and a remedy', (code) => {
    const { message } = brokenRule(code, 0);
    expect(message).toMatch(/^[A-Z].* \(byte 0; RFC 911[02] §\d+(\.\d+)*\)\. [A-Z].*\.$/);
  });
});

describe('LimitError', () => {
  it('carries the limit, its maximum and the first amount that does not fit', () => {
    const error = new LimitError('headBytes', 10, 11, 10);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({
      name: 'LimitError',
      code: 'LIMIT_EXCEEDED',
      limit: 'headBytes',
      maximum: 10,
      actual: 11,
      offset: 10,
      status: 431,
    });
    expect(error.message).toContain('limits.headBytes');
  });

  it('has a status for every limit there is', () => {
    const limits = { ...DEFAULT_REQUEST_LIMITS, ...DEFAULT_RESPONSE_LIMITS };
    expect(Object.keys(LIMIT_STATUS).toSorted()).toEqual(Object.keys(limits).toSorted());
  });
});

import type { ResponseBody } from '../body/response-body.ts';
import type { TransportResponse } from './transport.ts';

/** `response` with another body. Its trailers stay those of the response, which learns them when its body has ended. */
export function responseWithBody(
  response: TransportResponse,
  body: Buffer | ResponseBody,
): TransportResponse {
  return {
    status: response.status,
    reason: response.reason,
    httpVersion: response.httpVersion,
    headers: response.headers,
    body,
    get trailers() {
      return response.trailers;
    },
    interim: response.interim,
  };
}

// Hot: with a transport that needs no promise, neither does this. Guarded by bench/src/client-cpu.ts.
import type { ClientRequest } from '../model/client-request.ts';
import type { ResponseReceiver, Transport } from './transport.ts';

/** Sends over `transport`, without a promise where it can do without. */
export function sendTo(
  transport: Transport,
  request: ClientRequest,
  receiver: ResponseReceiver,
): void {
  if (transport.sendTo !== undefined) transport.sendTo(request, receiver);
  else {
    transport.send(request).then(
      (response) => receiver.answered(response),
      (error: unknown) => receiver.failed(error as Error),
    );
  }
}

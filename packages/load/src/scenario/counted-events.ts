import type { EventStream, ServerEvent } from '@needletail/client';
import type { MessageTrace } from '../trace/message-trace.ts';
import type { UserPort } from './user-client.ts';

const RECEIVED = 'events received';

/** The same stream, whose events are counted as they are handed on. */
export function countEvents(
  stream: EventStream,
  { log, owner }: UserPort,
  trace: MessageTrace | null,
): EventStream {
  const { tally, names } = log;
  const place = names.counter(RECEIVED);
  const iterate = stream[Symbol.asyncIterator].bind(stream);
  async function* counted(): AsyncGenerator<ServerEvent, void, undefined> {
    try {
      for await (const event of iterate()) {
        owner.received();
        tally.counted(place, 1);
        trace?.event(event.event, event.id, event.data);
        yield event;
      }
    } catch (error) {
      trace?.ended(error);
      throw error;
    } finally {
      trace?.ended(null);
    }
  }
  Object.defineProperty(stream, Symbol.asyncIterator, { value: counted });
  return stream;
}

import type { Clock } from '@needletail/wire';
import type { TrafficRecorder } from '../collect/traffic-recorder.ts';

/**
 * Decides what is sent next, and when. The closed model has one that keeps every user busy, the open model one that
 * follows a schedule; connections only tell it what became of them.
 */
export interface Traffic {
  /** Starts at `now`; from here on requests may be sent. */
  start(now: number): void;
  /** No further request is begun; those that are due but unsent are dropped. */
  stop(now: number): void;
  /** True once nothing more will be begun because the plan has been carried out. */
  readonly isFinished: boolean;
  /** Rounds of the event loop spent spinning towards due times, and the milliseconds they took. */
  readonly spins: number;
  readonly spinMs: number;
  /** Called every few milliseconds: gives up on what has waited too long. */
  sweep(now: number): void;
  /** Begins nothing from `at` on, which may be yet to come; what is under way goes on to its end. */
  pause(at: number, now: number): void;
  /** Goes on at `at` as if the time since the pause had not passed; its pacer knows already. */
  resume(at: number, now: number): void;
  /** Its pacer has another level, now or from a moment yet to come. */
  reschedule(now: number): void;
  /** `connection` has just opened, has been answered, or has lost what it carried. */
  onFree(connection: Connection, now: number): void;
  /** `connection` could not be opened although no request waited for it. */
  onOpenFailed(connection: Connection, startedAt: number, now: number, cause: string): void;
}

/** One connection as its traffic sees it. */
export interface Connection {
  /** Position among the connections of this worker. */
  readonly index: number;
  readonly isOpen: boolean;
  /** Whether it can take another request; one that is not open opens first. */
  readonly hasRoom: boolean;
  /** Whether a request is in flight on it or waits for it to open. */
  readonly isBusy: boolean;
  /** Users: how far it is in the list of requests, and the iteration it is in. */
  step: number;
  iteration: number;
  /** Whether an attempt to open it failed so recently that it should be left alone. */
  isBackingOff(now: number): boolean;
  /** Opens it ahead of need, after its back-off. */
  open(now: number): void;
  /** Sends now if it is open, else opens and then sends. */
  begin(endpoint: number, iteration: number, dueAt: number, now: number): void;
  checkTimeout(now: number): void;
  /** Takes no more requests; closes once what is in flight has been answered. */
  retire(): void;
  /** Takes a retired connection back into service. */
  restore(): void;
  /** End of the run: counts what it still carries as in flight and closes. */
  abandon(): void;
}

/** Makes the connection at `index`; they are made once and used again. */
export type MakeConnection = (index: number, traffic: Traffic) => Connection;

/** What the parts of one worker share while a run lasts; connections ask more of the recorder than their traffic does. */
export interface DriveContext<Recording extends TrafficRecorder = TrafficRecorder> {
  readonly clock: Clock;
  readonly recorder: Recording;
  readonly timeoutMs: number;
}

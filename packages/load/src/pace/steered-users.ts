import type { UserPacer } from './pacer.ts';
import { ScheduleTime } from './schedule-time.ts';

/** So many users from then on, in the schedule's time. */
interface Level {
  readonly fromMs: number;
  readonly users: number;
}

/** A number of users that can be changed while it is followed: a new one replaces the rest of the shape. */
export class SteeredUsers implements UserPacer {
  readonly model = 'closed';
  readonly time: ScheduleTime = new ScheduleTime();
  readonly #shape: UserPacer;
  readonly #levels: Level[] = [];

  constructor(shape: UserPacer) {
    this.#shape = shape;
  }

  get endMs(): number {
    return this.time.elapsedAt(this.#shape.endMs);
  }

  /** The most users there have been reason to expect so far. */
  get peakUsers(): number {
    return this.#levels.reduce((peak, { users }) => Math.max(peak, users), this.#shape.peakUsers);
  }

  usersAt(elapsedMs: number): number {
    const scheduleMs = this.time.scheduleAt(elapsedMs);
    const level = this.#levels.findLast(({ fromMs }) => fromMs <= scheduleMs);
    return level?.users ?? this.#shape.usersAt(scheduleMs);
  }

  nextChangeMs(elapsedMs: number): number {
    const users = this.usersAt(elapsedMs);
    let scheduleMs = this.time.scheduleAt(elapsedMs);
    while (scheduleMs !== Infinity) {
      const next = this.#levels.find(({ fromMs }) => fromMs > scheduleMs)?.fromMs ?? Infinity;
      const isShaped = !this.#levels.some(({ fromMs }) => fromMs <= scheduleMs);
      const shapeMs = isShaped ? this.#shape.nextChangeMs(scheduleMs) : Infinity;
      scheduleMs = Math.min(next, shapeMs);
      const atMs = this.time.elapsedAt(scheduleMs);
      if (atMs === Infinity || this.usersAt(atMs) !== users) return atMs;
    }
    return Infinity;
  }

  /** Users from `elapsedMs` on. */
  setLevel(users: number, elapsedMs: number): void {
    this.#levels.push({ fromMs: this.time.scheduleAt(elapsedMs), users });
  }
}

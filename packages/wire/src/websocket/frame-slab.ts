// Allocates 64 KiB per 64 KiB of small frames sent, all connections of the thread together; an idle one costs nothing.
// Bytes handed out are never written again, so a link may hold them as long as it needs.

const SLAB_BYTES = 65_536;

/** A connection that has frames lying in the slab. */
interface SlabUser {
  /** Someone else is about to use the slab: makes a piece of what lies there. */
  seal(): void;
}

/**
 * Where the small frames of a thread are written, one behind the other, until they are sent together. The frames of one
 * connection lie side by side as long as no other connection comes between.
 */
export class FrameSlab {
  bytes: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #used = 0;
  #user: SlabUser | null = null;

  /** Where free space begins. */
  get used(): number {
    return this.#used;
  }

  /** The start of `sizeBytes` of room for `user`, right behind what it took last, or -1: it must `claim` first. */
  take(user: SlabUser, sizeBytes: number): number {
    const at = this.#used;
    if (this.#user !== user || at + sizeBytes > SLAB_BYTES) return -1;
    this.#used = at + sizeBytes;
    return at;
  }

  /** Makes `user` the one whose frames follow, with room for `sizeBytes`; what it took before is sealed. */
  claim(user: SlabUser, sizeBytes: number): void {
    this.#user?.seal();
    this.#user = user;
    if (this.#used + sizeBytes <= SLAB_BYTES) return;
    this.bytes = Buffer.allocUnsafeSlow(SLAB_BYTES);
    this.#used = 0;
  }

  /** Takes back the last `sizeBytes` that were taken. */
  giveBack(sizeBytes: number): void {
    this.#used -= sizeBytes;
  }

  /** Seals what `user` has in the slab, if it is its turn, and ends that. */
  release(user: SlabUser): void {
    if (this.#user !== user) return;
    user.seal();
    this.#user = null;
  }
}

/** Why a client is not let in; see `refuseUpgrade`. */
export class UpgradeRefusal {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly (readonly [name: string, value: string])[];

  constructor(
    status: number,
    reason: string,
    headers: readonly (readonly [name: string, value: string])[],
  ) {
    this.status = status;
    this.reason = reason;
    this.headers = headers;
  }
}

/** An answer to a handshake other than 101; `reason` becomes its body. Return or throw it in `upgrade`. */
export function refuseUpgrade(
  status: number,
  reason = '',
  headers: readonly (readonly [name: string, value: string])[] = [],
): UpgradeRefusal {
  return new UpgradeRefusal(status, reason, headers);
}

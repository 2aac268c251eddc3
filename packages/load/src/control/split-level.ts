/** Divides a number of users in proportion to `weights`, in whole users that add up to it; equally when all are 0. */
export function splitUsers(users: number, weights: readonly number[]): readonly number[] {
  const shares = splitRate(users, weights);
  const whole = shares.map(Math.floor);
  let left = users - whole.reduce((sum, share) => sum + share, 0);
  // Those that lost most by rounding down get what is left over, one each.
  const byLoss = shares
    .map((share, index) => ({ index, loss: share - whole[index]! }))
    .toSorted((one, other) => other.loss - one.loss);
  for (const { index } of byLoss) {
    if (left === 0) break;
    whole[index]! += 1;
    left -= 1;
  }
  return whole;
}

/** Divides a rate in proportion to `weights`; equally when all are 0. */
export function splitRate(rate: number, weights: readonly number[]): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (total === 0 ? rate / weights.length : (rate * weight) / total));
}

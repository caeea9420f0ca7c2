/**
 * Challenges until a mirror that alters a share of its answers is found out, on average. Each challenge is drawn by itself, so that the
 * number is geometric: 1/f where it alters a share `f` at random; where third nodes who work with it are a share `c` of those that are
 * asked through, 1/(f·(1−c)). Where it alters a fixed share `f` of the blocks, each draw of a block hits one of them with
 * the weight of that share, and the number is the same.
 */
export function expectedChallenges(altered: number, colluding = 0): number {
  return 1 / (altered * (1 - colluding))
}

/** Challenges by which a liar is found out with this probability. */
export function challengesFor(probability: number, altered: number, colluding = 0): number {
  return Math.log(1 - probability) / Math.log(1 - altered * (1 - colluding))
}

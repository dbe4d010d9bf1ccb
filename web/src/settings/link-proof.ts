/** What a pasted sign-in link proves with: the part behind its `#`, or the text itself. */
export function linkProof(pasted: string): string | null {
  const text = pasted.trim();
  const [, behind] = text.split("#");
  const proof = behind ?? text;
  if (!proof) return null;
  try {
    return decodeURIComponent(proof);
  } catch {
    return proof;
  }
}

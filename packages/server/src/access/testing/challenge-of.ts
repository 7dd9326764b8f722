/** The challenge of a sign-in that a code has to follow. */
export async function challengeOf(answer: Response): Promise<string> {
  const { state, challenge } = (await answer.json()) as { state: string; challenge?: string };
  if (state !== 'code-needed' || challenge === undefined) throw new Error(`the sign-in is ${state}`);
  return challenge;
}

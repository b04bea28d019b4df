/** Returns a hint for an unknown word: the most similar known word, if any, and the list of known words. */
export function suggest(word: string, known: readonly string[]): string {
  const similar = mostSimilar(word, known);
  const list = `Known: ${known.join(', ')}`;
  return similar === undefined ? list : `Did you mean "${similar}"? ${list}`;
}

/** Returns the word that was probably meant, or undefined. */
export function mostSimilar(word: string, known: readonly string[]): string | undefined {
  const maxDistance = Math.max(1, Math.floor(word.length / 3));
  const [best] = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= maxDistance)
    .sort((a, b) => a.distance - b.distance);
  return best?.candidate;
}

/** Damerau–Levenshtein distance: insertions, deletions, substitutions and swaps of neighbors. */
function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const current = [i];
    for (let j = 1; j <= to.length; j++) {
      const substituted = cell(previous, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1);
      let distance = Math.min(substituted, cell(previous, j) + 1, cell(current, j - 1) + 1);
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (swapped) distance = Math.min(distance, cell(beforePrevious, j - 2) + 1);
      current[j] = distance;
    }
    beforePrevious = previous;
    previous = current;
  }
  return cell(previous, to.length);
}

function cell(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}

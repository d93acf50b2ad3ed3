/** Files that show the same: copies byte by byte, and pictures that only a comparison of pixels tells apart. */
import { JoinedSets } from "../dataset/joined-sets.js";
import { groupBy } from "./group-by.js";
import { type InspectedFile, type Inspection, type ReadablePicture, readable } from "./inspected-file.js";
import { correlation } from "./likeness.js";
import { nearPairs } from "./near-pairs.js";

export interface DuplicateGroup<File extends InspectedFile = InspectedFile> {
  /** Two or more, in the order of the inspection. */
  readonly files: readonly File[];
  /** The smallest correlation of thumbnails of a pair that joined the group; 1 for the same bytes. */
  readonly likeness: number;
}

/** Groups of files with the same bytes; files of no bytes are damage, not copies. */
export function exactDuplicates({ files }: Inspection): DuplicateGroup[] {
  const byHash = groupBy(
    files.filter(({ hash, bytes }) => hash !== null && bytes > 0),
    ({ hash }) => hash,
  );
  return [...byHash.values()].filter((group) => group.length > 1).map((group) => ({ files: group, likeness: 1 }));
}

/**
 * Thumbnails that correlate less than this are of other pictures, whatever their hashes. Measured: copies of neu-cls and
 * aksara-jawa that were recompressed (quality 20 and 50), halved, blurred or brightened correlate 0.988 and more; of
 * different pictures, 747 pairs of aksara-jawa have hashes 7 bits apart or less, and the most alike correlates 0.790.
 */
export const leastLikeness = 0.97;

/**
 * Pictures that one is compared with, at most, of those with its hash, and of those with a near one. Ten thousand pages
 * of white share a hash, and all are different.
 */
const mostCompared = 50;

/**
 * Groups of pictures that look alike though their bytes differ; of the same bytes the first stands for all. Constant
 * pictures look like nothing. A group is joined by pairs: its ends may look less alike than its neighbours.
 */
export function nearDuplicates(inspection: Inspection): DuplicateGroup<ReadablePicture>[] {
  const files = distinctPictures(inspection);
  const pairs = new JoinedPairs(files);
  const leaders = joinSameHashes(files, pairs); // each for those that look as it does: the search is for them alone
  const compared = new Uint8Array(leaders.length);
  nearPairs(
    leaders.map((i) => files[i]!.picture.hash),
    (a, b, bits) => {
      if (bits === 0 || compared[b] === mostCompared || pairs.areJoined(leaders[a]!, leaders[b]!)) return;
      compared[b]!++;
      pairs.joinIfAlike(leaders[a]!, leaders[b]!);
    },
  );
  return pairs.groups();
}

function distinctPictures(inspection: Inspection): ReadablePicture[] {
  const seen = new Set<string | null>();
  return readable(inspection).filter(({ hash, picture: { thumbnail } }) => {
    const isNew = !seen.has(hash) && thumbnail.white > thumbnail.black;
    seen.add(hash);
    return isNew;
  });
}

/** Joins pictures of the same hash that look alike; the first of each such group is returned. */
function joinSameHashes(files: readonly ReadablePicture[], pairs: JoinedPairs): number[] {
  const byHash = groupBy(files.keys(), (i) => files[i]!.picture.hash);
  return [...byHash.values()].flatMap((same) => {
    const leaders: number[] = [];
    for (const i of same) {
      if (!leaders.slice(0, mostCompared).some((leader) => pairs.joinIfAlike(leader, i))) leaders.push(i);
    }
    return leaders;
  });
}

/** Files joined by pairs that look alike. */
class JoinedPairs {
  readonly #files: readonly ReadablePicture[];
  readonly #sets: JoinedSets;
  readonly #joined: { readonly i: number; readonly likeness: number }[] = [];

  constructor(files: readonly ReadablePicture[]) {
    this.#files = files;
    this.#sets = new JoinedSets(files.length);
  }

  areJoined(i: number, j: number): boolean {
    return this.#sets.find(i) === this.#sets.find(j);
  }

  joinIfAlike(i: number, j: number): boolean {
    const likeness = correlation(this.#files[i]!.picture.thumbnail, this.#files[j]!.picture.thumbnail);
    if (likeness < leastLikeness) return false;
    this.#sets.join(i, j);
    this.#joined.push({ i, likeness });
    return true;
  }

  groups(): DuplicateGroup<ReadablePicture>[] {
    const least = new Map<number, number>();
    for (const { i, likeness } of this.#joined) {
      const first = this.#sets.find(i);
      least.set(first, Math.min(likeness, least.get(first) ?? 1));
    }
    return this.#sets.groups().map((group) => ({
      files: group.map((i) => this.#files[i]!),
      likeness: least.get(group[0]!) ?? 1,
    }));
  }
}

/** Whether members of a group differ in what `of` says of them: their class, their split. */
export const isAcross = <T>({ files }: DuplicateGroup, of: (file: InspectedFile) => T | null): boolean =>
  new Set(files.map(of).filter((value) => value !== null)).size > 1;

/**
 * A passphrase that the page draws, and which one of a person's own is good enough, as near to the command's rule (admin/cli/passphrase.py) as goes
 * without its word lists: as long, no control characters, and so many signs that are no repetition,
 * no run along alphabet or keyboard, no year, no word that is guessed first.
 */

import { randomBytes } from "../../protocol/group/group.ts";

// No word gets a tone or a hat where Telex or VNI is on: no s f r x j w z d, no vowel twice. No word
// is a Vietnamese one, so none is a rude one.
const CONSONANTS = [..."bghklmnptv"];
const VOWELS = [..."aeiou"];
const WORDS = CONSONANTS.flatMap((first) =>
  CONSONANTS.flatMap((second) =>
    VOWELS.flatMap((one) => VOWELS.filter((other) => other !== one).map((other) => first + one + second + other)),
  ),
);
const DRAWN = 6; // of 2000 words each: 65.8 bits

export const LEAST = 12; // characters
const LEAST_GUESSES = 10; // decimal digits of them, zxcvbn's best score
const DISTINCT = 6;
const ROWS = ["abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
const RUN = 3;
/** What is guessed first here, without marks. */
const FIRST = [
  ...["phieukin", "matkhau", "tinnhiem", "vietnam", "bankiemphieu", "passphrase", "trustee", "password", "passw0rd"],
  ...["correcthorsebatterystaple", "iloveyou", "anhyeuem", "emyeuanh", "hanoi", "saigon", "hochiminh", "letmein"],
  ...["welcome", "admin", "secret", "dragon", "monkey", "master", "login", "khongbiet", "taikhoan", "thanhvien"],
];

export type Weakness = "control" | "short" | "weak";

/** Six words of the system's randomness, with a space between two. */
export function drawn(): string {
  return Array.from({ length: DRAWN }, drawnWord).join(" ");
}

/** Each is as likely as the others: what does not divide evenly is drawn again. */
function drawnWord(): string {
  for (;;) {
    const [high = 0, low = 0] = randomBytes(2);
    const number = (high << 8) | low;
    if (number < 0x10000 - (0x10000 % WORDS.length)) return WORDS[number % WORDS.length] ?? "";
  }
}

/** Why a passphrase would be guessed; null where nothing is found, which proves no strength. */
export function weaknessOf(passphrase: string): Weakness | null {
  const normal = passphrase.normalize("NFC");
  if (/[\p{Cc}\p{Cs}]/u.test(normal)) return "control";
  if ([...normal].length < LEAST) return "short";
  return digitsOfGuesses(normal) < LEAST_GUESSES || new Set(normal.toLowerCase()).size < DISTINCT ? "weak" : null;
}

/** About how many guesses it takes, as a power of ten: one digit for each sign that follows from nothing. */
function digitsOfGuesses(passphrase: string): number {
  const plain = passphrase
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/đ/g, "d")
    .replace(/[\s._-]/g, "");
  const known = FIRST.reduce((text, word) => text.replaceAll(word, "\u0001"), plain);
  const signs = [...known.replace(/(?:19|20)\d\d/g, "\u0002").replace(/(.{2,}?)\1+/gu, "$1")];
  let count = 0;
  signs.forEach((sign, i) => {
    const before = signs.slice(Math.max(0, i - RUN + 1), i).join("");
    const expected = sign === signs[i - 1] || (before.length === RUN - 1 && inRow(before + sign));
    count += expected ? 0 : 1;
  });
  return count;
}

function inRow(run: string): boolean {
  const backwards = [...run].reverse().join("");
  return ROWS.some((row) => row.includes(run) || row.includes(backwards));
}

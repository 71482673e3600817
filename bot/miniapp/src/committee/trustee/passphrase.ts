/**
 * Which passphrase is good enough, as near to the command's rule (admin/cli/passphrase.py) as goes
 * without its word lists: as long, no control characters, and so many signs that are no repetition,
 * no run along alphabet or keyboard, no year, no word that is guessed first.
 */

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

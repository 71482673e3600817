"""English words in a text that ought to be Vietnamese.

A word of plain letters that is no Vietnamese syllable is English. Vietnamese syllables that end in
c, ch, p or t carry a mark, which tells most of the others apart.
"""

import re

_ONSET = "(b|c|ch|d|g|gh|gi|h|k|kh|l|m|n|ng|ngh|nh|ph|q|r|s|t|th|tr|v|x)?"
_RHYME = (
    "(i?a|ai|ao|au|ay|e|eo|eng?|i|ia|iu|in|inh|im|em|an|ang|anh|am|o|oa|oai|oan|oang|oanh|oay|oi"
    "|on|ong|om|u|ua|uan|uanh|uang|uay|ue|ui|uy|uyn|un|ung|um|uya|uynh|uyu|y)"
)
_SYLLABLE = re.compile(_ONSET + _RHYME)

# Syllables as well, but here they would be English.
_ENGLISH = re.compile("age|any|can|den|his|hit|man|men|one|pen|sun|the|than|them|then|too")

# What is called the same in every language: formats, programs, values and names of theirs.
_TECHNICAL = re.compile(
    "phieukin|belenios|telegram|android|iphone|excel|libreoffice|linux|node|botfather|luks|dm|crypt"
    "|mini|app|bot|proxy|camera|internet|initdata|bytes?|bit|macro|doctype|stdin|stdout|stderr"
    "|usb|rsa|der|json|toml|csv|xlsx|docx|pdf|zip|html|svg|utf|ascii|unicode|nfc|sha|hmac|tls|ssl|hsts"
    "|https?|url|uuid|path|vni|tcvn|ntp|ssd|mib|gib|kib|ctrl|enter|chmod|true|false|null|coefexps"
    "|libsodium|single|pedersen|setup|ballot|endballots|encryptedtally|shares|result"
    "|channels|findings|eligibility|levels|high|medium|low|confidence|code|least"
)
_NO_WORDS = re.compile(
    r"`[^`]*`"  # commands
    r"|https?://\S+|\S*[/\\]\S*"  # addresses and paths
    r"|\b[a-z0-9]+(-[a-z0-9]+)+\b"  # programs, stems of files
    r"|--?[a-z][a-z-]*"  # options
    r"|\[[\w|-]+\|[\w|-]+\]"  # the values of an option
    r"|\b\w+(?=\[)"  # lists
    r"|(?<!\w)\.\w+|\b[\w-]+(\.[\w-]+)+"  # files, fields, domains
    r"|\b\w*[_0-9@=]\w*"  # names of programs' own things
    r"|phieukin( [a-z-]+)*"  # a command line
)


def english(text: str) -> list[str]:
    """The English words, in their order."""
    words = re.findall(r"[^\W\d_]{3,}", _NO_WORDS.sub(" ", text))
    return [word for word in words if word.isascii() and _is_english(word.lower())]


def _is_english(word: str) -> bool:
    if _TECHNICAL.fullmatch(word):
        return False
    return _ENGLISH.fullmatch(word) is not None or _SYLLABLE.fullmatch(word) is None

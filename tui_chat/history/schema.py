"""The tables of `history.db` and their migrations.

For reading the file by hand, or extending it:

`chats`       a row for each conversation. `title` was set by a person, and is empty otherwise; `heading` is what
              a list shows, safe for a terminal, and `folded` is that for filtering whatever its case. `messages`,
              `characters` and `model` (of the newest reply) are kept up to date so that a list reads nothing else;
              removed messages do not count. `deleted` chats wait for their end in `trash`.
`messages`    the nodes of the trees. `key` grows in the order in which messages came to be, which is the order of
              siblings; `parent` is a key, or NULL for a first message. `instance` names the running program that
              receives a reply which has not settled; NULL: it is whole, and what is here is all there is. `removed` is
              the key of the message with which it was taken out of its conversation (often its own); NULL: it is
              there. `characters` counts text and reasoning. `usage`, `timing` and `ending` are JSON: usage as the
              server reported it (NULL or `unreported`: it did not, and an estimate rests on `deltas` and
              `content_bytes`); timing in seconds of a monotonic clock of which only differences mean anything; an
              ending holds `skipped` where some of the stream could not be read (events and bytes). In `money` of
              `usage` is what we know: the `prices` when a reply was asked for (picodollars per token), the estimated
              tokens of its `prompt`, its `cost` (picodollars, source, whether it was calculated here), the `purpose`
              of a message that is not part of the talk itself (`compaction`), and `copied` where the request of a
              copied reply is counted elsewhere.
`parts`       of settled messages, ordered by `position`. `kind` is text, reasoning, refusal (`text` is the text and
              `number` its block), call (`text` is the arguments, `number` the index, `name` and `call` the function
              and the id), image (`text` is the URL), citation (`text` is the URL, `name` the title) or opaque (`text`
              is JSON that goes back to the provider).
`journal`     of unsettled replies: what was received, a JSON list of events for each time the writer wrote. A
              growing text is only ever appended to. When the reply settles, these rows give way to `parts`. There are
              never many, so there is no index of them.
`attachments` of users' messages, in order.
`drafts`      what is typed and queued in a chat, and `places` where its reader is, by the chat's `id`: a chat of which
              nothing but a draft exists has no row in `chats`.
`recipients`  the endpoint of a chat's last question, by the chat's `id`: host and port of the endpoint (`demo` for
              the built-in one), the name it has in the settings, and the model's name as it was asked for. A chat
              without a row (an older or an imported one) belongs to the endpoint of its newest reply with a URL.
`origins`     chats in which only `ask` has asked so far, by the chat's `id`; all others belong to the screen.
`requests`    requests that are not messages, by their `purpose`: `title` asked the model for a chat's title,
              `compaction` for a summary that did not come whole. `usage` is
              as in `messages`, and has `deltas` and `content_bytes`.
`choices`     the persona of a chat with its options (JSON), and the chat's effort, by the chat's `id`; a chat
              without a row has none of its own.
`instances`   running programs that write here; each holds the lock of a file of that name in `running/`. `open_chats`
              says which chats each of them has open, and whether something in one was `unfinished` when its program
              ended.
`trash`       what each instance deleted: a whole chat, or a message with all below it. While that program runs
              it can be restored; after that the rows are wiped.

`search_moments`, `search_waiting` and the FTS5 tables `search_words_…` are the index of words (`search_index.py`).

Text is exact. SQLite's text is UTF-8, which has no lone surrogates: text with one is a BLOB of UTF-8 in which the
surrogates are encoded as any other character would be (`columns.column` and `columns.text`); JSON likewise.

`PRAGMA user_version` is the number of migrations that a file has been through. A migration that was released is never
changed; what is new is a new one at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_chat.history import search_index
from tui_chat.history.transactions import transaction

if TYPE_CHECKING:
    import sqlite3

APPLICATION: Final = 0x74756963
"""The value of `PRAGMA application_id`: "tuic" in ASCII."""

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        """CREATE TABLE chats (
            key INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            created REAL NOT NULL,
            changed REAL NOT NULL,
            title TEXT NOT NULL DEFAULT '',
            heading TEXT NOT NULL DEFAULT '',
            folded TEXT NOT NULL DEFAULT '',
            system TEXT NOT NULL DEFAULT '',
            leaf INTEGER,
            model TEXT NOT NULL DEFAULT '',
            messages INTEGER NOT NULL DEFAULT 0,
            characters INTEGER NOT NULL DEFAULT 0,
            pinned INTEGER NOT NULL DEFAULT 0,
            deleted INTEGER NOT NULL DEFAULT 0
        )""",
        "CREATE INDEX chats_in_order ON chats (pinned DESC, changed DESC) WHERE NOT deleted",
        """CREATE TABLE messages (
            key INTEGER PRIMARY KEY,
            chat INTEGER NOT NULL REFERENCES chats (key),
            id TEXT NOT NULL,
            parent INTEGER REFERENCES messages (key),
            role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
            created REAL NOT NULL,
            instance TEXT,
            removed INTEGER,
            model TEXT NOT NULL DEFAULT '',
            endpoint TEXT NOT NULL DEFAULT '',
            status INTEGER,
            url TEXT NOT NULL DEFAULT '',
            deltas INTEGER NOT NULL DEFAULT 0,
            content_bytes INTEGER NOT NULL DEFAULT 0,
            characters INTEGER NOT NULL DEFAULT 0,
            usage TEXT,
            timing TEXT,
            ending TEXT,
            UNIQUE (chat, id)
        )""",
        "CREATE INDEX messages_unsettled ON messages (instance) WHERE instance IS NOT NULL",
        """CREATE TABLE parts (
            message INTEGER NOT NULL REFERENCES messages (key),
            position INTEGER NOT NULL,
            kind TEXT NOT NULL,
            number NOT NULL DEFAULT 0, -- no type: a server's index may be larger than SQLite's integers
            text TEXT NOT NULL DEFAULT '',
            name TEXT NOT NULL DEFAULT '',
            call TEXT NOT NULL DEFAULT '',
            began REAL NOT NULL DEFAULT 0,
            ended REAL NOT NULL DEFAULT 0
        )""",
        "CREATE UNIQUE INDEX parts_in_order ON parts (message, position)",
        """CREATE TABLE journal (
            key INTEGER PRIMARY KEY,
            message INTEGER NOT NULL REFERENCES messages (key),
            events TEXT NOT NULL
        )""",
        """CREATE TABLE attachments (
            message INTEGER NOT NULL REFERENCES messages (key),
            position INTEGER NOT NULL,
            name TEXT NOT NULL,
            mime TEXT NOT NULL,
            data BLOB NOT NULL
        )""",
        "CREATE UNIQUE INDEX attachments_in_order ON attachments (message, position)",
        """CREATE TABLE drafts (
            chat TEXT PRIMARY KEY,
            text TEXT NOT NULL,
            queue TEXT NOT NULL,
            changed REAL NOT NULL
        )""",
        """CREATE TABLE places (
            chat TEXT PRIMARY KEY,
            message TEXT NOT NULL,
            rows INTEGER NOT NULL
        )""",
        "CREATE TABLE instances (id TEXT PRIMARY KEY, started REAL NOT NULL)",
        """CREATE TABLE open_chats (
            instance TEXT NOT NULL,
            chat TEXT NOT NULL,
            unfinished INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (instance, chat)
        )""",
        """CREATE TABLE trash (
            key INTEGER PRIMARY KEY,
            instance TEXT NOT NULL,
            chat INTEGER NOT NULL,
            message INTEGER
        )""",
        *search_index.CREATE,
    ),
    (
        """CREATE TABLE recipients (
            chat TEXT PRIMARY KEY,
            host TEXT NOT NULL,
            name TEXT NOT NULL,
            model TEXT NOT NULL
        )""",
    ),
    (
        "CREATE TABLE origins (chat TEXT PRIMARY KEY, origin TEXT NOT NULL)",
        """CREATE TABLE requests (
            key INTEGER PRIMARY KEY,
            chat TEXT NOT NULL,
            purpose TEXT NOT NULL,
            created REAL NOT NULL,
            model TEXT NOT NULL,
            endpoint TEXT NOT NULL,
            usage TEXT NOT NULL
        )""",
    ),
    (
        """CREATE TABLE choices (
            chat TEXT PRIMARY KEY,
            persona TEXT NOT NULL,
            effort TEXT NOT NULL,
            options TEXT NOT NULL
        )""",
    ),
)
"""The statements of each migration, oldest first; a migration runs as a whole or not at all."""

VERSION: Final = len(MIGRATIONS)


def version_of(database: sqlite3.Connection) -> int:
    """Return how many migrations a file has been through."""
    number = database.execute("PRAGMA user_version").fetchone()[0]
    return int(number)


def migrate(database: sqlite3.Connection) -> None:
    """Run the next migration of a file that is not up to date."""
    at = version_of(database)
    with transaction(database):
        if version_of(database) == at:  # otherwise another program has already migrated it
            for statement in MIGRATIONS[at]:
                database.execute(statement)
            database.execute(f"PRAGMA application_id = {APPLICATION}")
            database.execute(f"PRAGMA user_version = {at + 1}")

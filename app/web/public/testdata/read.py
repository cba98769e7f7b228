# Reads a feed or a calendar from standard input with libraries that are not ours, and writes what it understood as JSON.
import datetime
import json
import sys

kind, text = sys.argv[1], sys.stdin.buffer.read()


def stamp(t):
    return datetime.datetime(*t[:6]).isoformat() + "Z" if t else ""


def feed():
    import feedparser

    f = feedparser.parse(text, sanitize_html=False, resolve_relative_uris=False)
    return {
        "bozo": str(f.get("bozo_exception", "")),
        "version": f.version,
        "title": f.feed.get("title", ""),
        "language": f.feed.get("language", ""),
        "links": [[l.get("rel", ""), l.get("href", "")] for l in f.feed.get("links", [])],
        "entries": [
            {
                "id": e.get("id", ""),
                "title": e.get("title", ""),
                "link": e.get("link", ""),
                "published": stamp(e.get("published_parsed")),
                "updated": stamp(e.get("updated_parsed")) if "updated" in e else "",
                "text": e.content[0].value if "content" in e else e.get("summary", ""),
            }
            for e in f.entries
        ],
    }


def calendar():
    import icalendar

    c = icalendar.Calendar.from_ical(text)
    when = lambda e, name: e[name].dt.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "name": str(c.get("X-WR-CALNAME", "")),
        "refresh": c["REFRESH-INTERVAL"].to_ical().decode(),
        "method": str(c["METHOD"]),
        "entries": [
            {
                "id": str(e["UID"]),
                "title": str(e["SUMMARY"]),
                "text": str(e.get("DESCRIPTION", "")),
                "begin": when(e, "DTSTART"),
                "end": when(e, "DTEND"),
                "stamp": when(e, "DTSTAMP"),
                "sequence": int(e["SEQUENCE"]),
                "status": str(e["STATUS"]),
                "link": str(e.get("URL", "")),
            }
            for e in c.walk("VEVENT")
        ],
    }


json.dump({"feed": feed, "calendar": calendar}[kind](), sys.stdout)

"""Writes the raw data of the example project: `seeds/raw_*.csv` and `data/raw/`.

There is no chance in it. `ACTIVITY` says who came on which day, `ORDERS` who bought what;
everything else follows from these two, so the numbers that `tests/assert_*.sql` expects can
be counted here by eye. Days and hours are those of Seoul (UTC+9, no daylight saving); what
is written to the files is UTC, as services and trackers do it.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install duckdb==1.5.5
    /tmp/venv/bin/python scripts/make_example_data.py
"""

import csv
import json
import pathlib
import shutil
from datetime import datetime, timedelta

import duckdb

ROOT = pathlib.Path(__file__).resolve().parent.parent
DAYS = 10  # 1 to 10 March 2026
SEOUL = timedelta(hours=9)

# id, name, region, channel, signed up (Seoul), one of us
USERS = [
    (1001, "김서준", "서울", "추천", "2026-02-20 13:05", False),
    (1002, "이하윤", "부산", "검색", "2026-02-25 09:40", False),
    (1003, "박도윤", "대구", "광고", "2026-03-01 00:20", False),  # still 28 February in UTC
    (1004, "최지우", "서울", "검색", "2026-03-01 19:02", False),
    (1005, "정예준", "인천", "추천", "2026-03-02 12:31", False),
    (1006, "강서연", "광주", "광고", "2026-03-02 23:40", False),
    (1007, "조민서", "제주", "검색", "2026-03-03 08:15", False),
    (1008, "윤하은", "서울", "광고", "2026-03-03 00:05", False),  # still 2 March in UTC
    (1009, "장시우", "대전", "추천", "2026-03-04 21:10", False),
    (1010, "임지호", "수원", "검색", "2026-03-06 10:00", False),
    (1011, "한지민", "서울", "추천", "2026-03-08 17:45", False),
    (1012, "오유나", "부산", "광고", "2026-03-09 11:20", False),
    (1999, "테스트 직원", "서울", "내부", "2026-01-05 10:00", True),
]

# f: in the app, seen by Firebase. a: on the web, seen by Amplitude. b: both.
ACTIVITY = {
    #     1 2 3 4 5 6 7 8 9 10
    1001: "f f . f . f f . f f",
    1002: "a . a a . . a . . a",
    1003: "f f f . . . . f . .",
    1004: "a . . . f . . . . .",
    1005: ". b . a . . . . a .",
    1006: ". f f . . f . . . .",
    1007: ". . a a . . . . . a",
    1008: ". . f . f . . f . .",
    1009: ". . . f f . f . f f",
    1010: ". . . . . a a . . .",
    1011: ". . . . . . . f f .",
    1012: ". . . . . . . . b .",
    1999: "f . . f . . a . . .",
}

# id, name, category code, price in won
PRODUCTS = [
    (1, "제주 감귤, 5kg", "01", 19900),
    (2, "해남 고구마 3kg", "01", 14500),
    (3, "한라봉 \"특\" 2kg", "01", 24000),
    (4, "참기름 300ml", "02", 18000),
    (5, "고추장 1kg", "02", 12000),
    (6, "도자기 머그잔", "03", 22000),
    (7, "한지 노트", "03", 8500),
    (8, "나무 젓가락 5벌", "03", 9900),
]

# id, user, day, status, discount, [(product, quantity)]
ORDERS = [
    (5001, 1001, 1, "delivered", 0, [(1, 2), (3, 1)]),
    (5002, 1002, 1, "delivered", 0, [(5, 1)]),
    (5003, 1003, 2, "cancelled", 0, [(2, 1)]),
    (5004, 1006, 3, "delivered", 0, [(4, 1), (8, 3)]),
    (5005, 1002, 4, "refunded", 0, [(6, 1)]),
    (5006, 1001, 4, "delivered", 500, [(7, 1)]),
    (5007, 1004, 5, "delivered", 0, [(2, 2)]),
    (5008, 1010, 6, "shipped", 0, [(3, 1)]),
    (5009, 1002, 7, "delivered", 2000, [(1, 1)]),
    (5010, 1009, 7, "shipped", 0, [(8, 1)]),
    (5011, 1999, 7, "delivered", 0, [(7, 1)]),
    (5012, 1003, 8, "shipped", 0, [(5, 2)]),
    (5013, 1005, 9, "paid", 3000, [(1, 1), (6, 1)]),
    (5014, 1012, 9, "paid", 0, [(4, 1)]),
    (5015, 1001, 10, "paid", 0, [(3, 2)]),
    (5016, 1007, 10, "pending", 0, [(2, 1)]),
]

# room, user, day, product, [(who, words)]
CHATS = [
    (1, 1002, 1, 5, [("buyer", "안녕하세요, 많이 매운가요?"), ("seller", "보통 매운맛이에요 :)"), ("buyer", "감사합니다")]),
    (2, 1003, 3, 2, [("buyer", "주문 취소했는데 환불은 언제 되나요?"), ("seller", "내일까지 처리해 드릴게요.")]),
    (3, 1006, 6, 6, [("buyer", "머그잔 \"청자색\" 있나요?"), ("seller", "품절입니다. 죄송합니다.")]),
    (4, 1009, 7, 8, [("buyer", "배송지를\n변경하고 싶어요"), ("seller", "네, 새 주소 알려주세요"), ("buyer", "대전 유성구요 🙏")]),
    (5, 1011, 9, 1, [("buyer", "감귤 아직 달아요?"), ("seller", "네, 지금이 제철이에요 🍊")]),
    (6, 1999, 7, 7, [("buyer", "채팅 테스트")]),
]

SIGNED_UP = {user[0]: datetime.fromisoformat(user[4]) for user in USERS}


def session_start(user, day):
    """When a user's session begins: two minutes after signing up, else at an hour of their own."""
    if SIGNED_UP[user].date() == datetime(2026, 3, day).date():
        return SIGNED_UP[user] + timedelta(minutes=2)
    return datetime(2026, 3, day, (user * 7 + day * 5) % 22, (user * 13 + day * 17) % 60)


def steps(user, day, first):
    """What a user does in one session: (minutes after its start, what, product, more)."""
    yield 0, "session", None, {}
    if (user + day) % 5 == 0:
        yield 1, "search", None, {"search_term": PRODUCTS[user % 8][1].split()[0]}
    products = [(user * 3 + day * 2 + view * 5) % 8 + 1 for view in range(1 + (user + day) % 3)]
    for place, product in enumerate(products):
        yield 2 + place, "view", product, {}
    if (user + day) % 4 == 0:
        yield 6, "like", products[0], {}
    if not first:
        return
    for _, buyer, chat_day, product, _ in CHATS:
        if (buyer, chat_day) == (user, day):
            yield 7, "chat", product, {}
    for order, buyer, order_day, status, discount, items in ORDERS:
        if (buyer, order_day) == (user, day) and status != "pending":
            yield 10, "purchase", None, {"order_id": order, "value": total(items) - discount}


def total(items):
    return sum(PRODUCTS[product - 1][3] * quantity for product, quantity in items)


def visits():
    """Every session: (user, device, start in UTC, tracker, day, its steps)."""
    for user, days in ACTIVITY.items():
        for day, trackers in enumerate(days.split(), start=1):
            start = session_start(user, day) - SEOUL
            if trackers in "fb":
                yield user, f"dev-{user}", start, "firebase", day, list(steps(user, day, True))
            if trackers in "ab":
                later = timedelta(minutes=40 if trackers == "b" else 0)
                yield user, f"web-{user}", start + later, "amplitude", day, list(steps(user, day, trackers == "a"))
    # Nobody ever signs in on this one.
    yield None, "dev-guest", datetime(2026, 3, 5, 3, 0), "firebase", 5, [(0, "session", None, {}), (1, "view", 6, {})]


def firebase():
    """Rows as Firebase exports them to BigQuery, and `bq extract` writes them: integers are text."""
    names = {"session": "session_start", "search": "search", "view": "view_item", "like": "add_to_wishlist",
             "chat": "chat_open", "purchase": "purchase"}
    for user, device, start, tracker, day, acts in visits():
        if tracker != "firebase":
            continue
        session = int((start - datetime(1970, 1, 1)).total_seconds())
        for minutes, what, product, more in acts:
            params = [{"key": "ga_session_id", "value": {"int_value": str(session)}}]
            if product:
                params.append({"key": "product_id", "value": {"int_value": str(product)}})
            if "search_term" in more:
                params.append({"key": "search_term", "value": {"string_value": more["search_term"]}})
            if "order_id" in more:
                params.append({"key": "transaction_id", "value": {"string_value": str(more["order_id"])}})
                params.append({"key": "value", "value": {"double_value": float(more["value"])}})
                params.append({"key": "currency", "value": {"string_value": "KRW"}})
            # The first two events of 1005 came before signing in on that device.
            known = user and not (user == 1005 and minutes < 3)
            yield day, {
                "event_date": f"202603{day:02}",
                "event_timestamp": str((session + minutes * 60) * 1_000_000),
                "event_name": names[what],
                "event_params": params,
                "user_id": str(user) if known else None,
                "user_pseudo_id": device,
                "device": {"category": "mobile", "operating_system": "Android" if (user or 0) % 2 else "iOS",
                           "language": "ko-kr"},
                "geo": {"country": "South Korea"},
                "platform": "ANDROID" if (user or 0) % 2 else "IOS",
            }


def amplitude():
    """Rows of Amplitude's export."""
    names = {"session": "Session Started", "search": "Product Searched", "view": "Product Viewed",
             "like": "Product Liked", "chat": "Chat Opened", "purchase": "Order Completed"}
    number = 0
    for user, device, start, tracker, _, acts in visits():
        if tracker != "amplitude":
            continue
        for minutes, what, product, more in acts:
            number += 1
            time = start + timedelta(minutes=minutes)
            yield time, {
                "uuid": f"00000000-0000-4000-8000-{number:012}",
                "$insert_id": f"{device}-{time:%m%d%H%M}-{what}-{product or 0}",
                "event_time": f"{time:%Y-%m-%d %H:%M:%S}.000000",
                "event_type": names[what],
                "user_id": str(user),
                "device_id": device,
                "session_id": int((start - datetime(1970, 1, 1)).total_seconds() * 1000),
                "platform": "Web",
                "country": "South Korea",
                "event_properties": ({"product_id": product} if product else {}) | more,
            }


def write_csv(name, header, rows):
    with open(ROOT / "seeds" / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    path.write_text("".join(lines), encoding="utf-8")


def utc(time):
    return f"{time - SEOUL:%Y-%m-%d %H:%M:%S}"


def write_seeds():
    write_csv("raw_users", ["user_id", "name", "region", "signup_channel", "created_at", "is_internal"],
              [(*user[:4], utc(SIGNED_UP[user[0]]), str(user[5]).lower()) for user in USERS])
    write_csv("raw_products", ["product_id", "name", "category_code", "price"], PRODUCTS)
    write_csv("raw_orders", ["order_id", "user_id", "status", "discount", "ordered_at"],
              [(order, user, status, discount or None, utc(session_start(user, day) + timedelta(minutes=10)))
               for order, user, day, status, discount, _ in ORDERS])
    write_csv("raw_order_items", ["order_id", "line", "product_id", "quantity", "unit_price"],
              [(order, line, product, quantity, PRODUCTS[product - 1][3])
               for order, *_, items in ORDERS for line, (product, quantity) in enumerate(items, start=1)])
    write_csv("raw_chat_messages", ["message_id", "room_id", "user_id", "product_id", "sender", "body", "sent_at"],
              [(room * 100 + place, room, user, product, sender, body,
                utc(session_start(user, day) + timedelta(minutes=7 + place)))
               for room, user, day, product, messages in CHATS
               for place, (sender, body) in enumerate(messages, start=1)])


def write_events():
    raw = ROOT / "data" / "raw"
    shutil.rmtree(raw, ignore_errors=True)
    events = list(firebase())
    for day in range(1, DAYS + 1):
        rows = sorted((row for at, row in events if at == day), key=lambda row: row["event_timestamp"])
        # The phone sent one event of the 4th twice.
        write_lines(raw / "firebase" / f"events_202603{day:02}.ndjson", rows + rows[:1] if day == 4 else rows)

    # One file a day of UTC: lines of JSON at first, Parquet since the 7th.
    by_day = {}
    for time, row in sorted(amplitude(), key=lambda event: event[0]):
        by_day.setdefault(time.date(), []).append(row)
    for date, rows in by_day.items():
        if date < datetime(2026, 3, 7).date():
            write_lines(raw / "amplitude" / f"{date}.ndjson", rows)
            continue
        # Amplitude delivers at least once: the first row of each day comes again.
        again = rows[0] | {"uuid": rows[0]["uuid"].replace("-8000-", "-9000-")}
        lines = raw / "amplitude" / "rows.ndjson"
        # As their Parquet export does it, properties are JSON text.
        write_lines(lines, [row | {"event_properties": json.dumps(row["event_properties"], ensure_ascii=False)}
                            for row in [*rows, again]])
        columns = {name: "VARCHAR" for name in rows[0]} | {"event_time": "TIMESTAMP", "session_id": "BIGINT"}
        duckdb.sql(f"copy (from read_json('{lines}', columns = {columns}))"
                   f" to '{lines.with_name(f'{date}.parquet')}' (format parquet, compression zstd)")
        lines.unlink()


if __name__ == "__main__":
    write_seeds()
    write_events()

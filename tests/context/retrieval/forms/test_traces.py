"""Stack traces: the frames that are ours, innermost first, whatever machine and language printed them."""

import pytest
from repoask.context.retrieval.corpus import Corpus
from repoask.context.retrieval.places import find_places
from repoask.context.retrieval.retriever import search

PYTHON = """Traceback (most recent call last):
  File "/srv/deploy/src/shop/app.py", line 2, in app
    return charge(1, 2)
           ^^^^^^^^^^^^
  File "/usr/lib/python3.12/logging/__init__.py", line 5, in handle
    self.emit(record)
  File "/srv/venv/lib/python3.12/site-packages/requests/app.py", line 1, in get
    return session
  File "/srv/deploy/src/shop/pay.py", line 6, in charge
    raise ValueError("amount must not be negative: %d" % amount)
ValueError: amount must not be negative: -3
"""


@pytest.mark.parametrize(
    ("trace", "places"),
    [
        pytest.param(PYTHON, [("src/shop/pay.py", 6), ("src/shop/app.py", 2)], id="python"),
        pytest.param(
            '  | Traceback (most recent call last):\n  |   File "C:\\work\\src\\shop\\pay.py", line 11, in send\n',
            [("src/shop/pay.py", 11)],
            id="python group on windows",
        ),
        pytest.param(
            "java.lang.IllegalStateException: closed\n\tat java.base/java.util.Vault.open(Vault.java:9)\n"
            "\tat com.acme.bank.Vault$Door.open(Vault.java:12)\n\tat com.acme.app.MainKt.main(Main.kt:5)\n"
            "Caused by: java.io.IOException: locked\n\tat com.acme.bank.Vault.turn(Vault.java:20)\n\t... 3 more\n",
            [
                ("core/src/main/java/com/acme/bank/Vault.java", 20),
                ("core/src/main/java/com/acme/bank/Vault.java", 12),
                ("app/Main.kt", 5),
            ],
            id="jvm",
        ),
        pytest.param(
            "TypeError: x is undefined\n    at route (file:///home/me/web/src/router.js:10:5)\n"
            "    at async /home/me/web/src/router.js:20:7\n    at node:internal/main/run_main_module:22:47\n"
            "    at send (/home/me/node_modules/koa/src/router.js:9:1)\n",
            [("web/src/router.js", 10), ("web/src/router.js", 20)],
            id="node",
        ),
        pytest.param(
            "route@http://localhost:8080/web/src/router.js?v=3:10:5\n", [("web/src/router.js", 10)], id="firefox"
        ),
        pytest.param(
            "panic: boom\n\ngoroutine 1 [running]:\nruntime.gopanic(0x1)\n"
            "\t/usr/local/go/src/runtime/context.go:3 +0x1\n"
            "github.com/acme/shop.(*Context).Next(0xc0001)\n"
            "\t/root/go/pkg/mod/github.com/acme/shop@v1.2.3/context.go:4 +0x2a\n"
            "github.com/other/shop.Run()\n\t/root/go/pkg/mod/github.com/other/shop@v1.0.0/context.go:9 +0x2a\n",
            [("context.go", 4)],
            id="go",
        ),
        pytest.param(
            "thread 'main' panicked at engine/src/tick.rs:7:5:\nboom\nstack backtrace:\n   0: rust_begin_unwind\n"
            "             at /rustc/9fc6b431/library/std/src/panicking.rs:645:5\n   1: engine::tick::run\n"
            "             at ./engine/src/tick.rs:9:9\n",
            [("engine/src/tick.rs", 7), ("engine/src/tick.rs", 9)],
            id="rust",
        ),
        pytest.param(
            "/app/lib/acme/cart.rb:4:in `total': nil (NoMethodError)\n"
            "\tfrom /usr/gems/acme-1.2.0/lib/acme/cart.rb:9:in 'Cart#add'\n"
            "\tfrom /usr/gems/rack-3.0/lib/cart.rb:1:in 'x'\n",
            [("lib/acme/cart.rb", 4), ("lib/acme/cart.rb", 9)],
            id="ruby",
        ),
        pytest.param(
            "PHP Fatal error:  Uncaught Error in /var/www/public/index.php:4\nStack trace:\n"
            "#0 /var/www/public/index.php(8): run()\n#1 {main}\n",
            [("public/index.php", 4), ("public/index.php", 8)],
            id="php",
        ),
        pytest.param(
            r"   at Acme.Bank.Teller.Pay(Int32 sum) in C:\build\dotnet\Bank\Teller.cs:line 12",
            [("dotnet/Bank/Teller.cs", 12)],
            id="c#",
        ),
        pytest.param(
            "#0  ring_push (r=0x0) at native/ring.c:12\n#1  0x00005 in main () at native/ring.c:30\n",
            [("native/ring.c", 12), ("native/ring.c", 30)],
            id="gdb",
        ),
        pytest.param(
            "==12==    at 0x4005: ring_push (ring.c:12)\n    #1 0x55 in ring_pop /b/native/ring.c:14:3\n",
            [("native/ring.c", 12), ("native/ring.c", 14)],
            id="valgrind and sanitizers",
        ),
        pytest.param(
            "CallStack (from HasCallStack):\n  error, called at hs/src/Tree.hs:9:11 in main:Tree\n",
            [("hs/src/Tree.hs", 9)],
            id="haskell",
        ),
        pytest.param(
            "** (KeyError) key :x not found\n    (shop 0.1.0) lib/shop/order.ex:12: Shop.Order.pay/1\n",
            [("lib/shop/order.ex", 12)],
            id="elixir",
        ),
        pytest.param(
            "Fatal error: Index out of range: file ios/Cart.swift, line 12", [("ios/Cart.swift", 12)], id="swift"
        ),
        pytest.param("lua: x\n\tplugin/init.lua:3: in function 'setup'\n", [("plugin/init.lua", 3)], id="lua"),
        pytest.param("src/shop/pay.py:4:1: E302 expected 2 blank lines", [("src/shop/pay.py", 4)], id="linter"),
        pytest.param("dotnet\\Bank\\Teller.cs(12,3): error CS0103", [("dotnet/Bank/Teller.cs", 12)], id="msbuild"),
    ],
)
def test_the_frames_that_are_ours_are_found(given, trace, places):
    assert [place[:2] for place in given(trace)] == places


def test_a_frame_of_another_version_is_found_by_its_function(given):
    trace = 'Traceback (most recent call last):\n  File "/x/shop/pay.py", line 900, in charge\n    raise\n'
    assert given(trace) == [("src/shop/pay.py", 4, None)]


def test_the_message_goes_on_as_words_and_the_frames_do_not(company):
    words = find_places(PYTHON, Corpus([company])).words
    assert "ValueError: amount must not be negative: -3" in words
    assert "site-packages" not in words
    assert "^^^" not in words


def test_reasons_number_the_frames_and_name_their_functions(company):
    first, second, *_ = search([company], PYTHON).evidence
    assert first.reasons[0] == "frame 1 of the stack trace, in `charge`"
    assert second.reasons[0] == "frame 4 of the stack trace, in `app`"


def test_a_trace_of_a_stranger_is_ranked_by_its_words(given, company):
    trace = 'File "/opt/other/thing.py", line 3, in charge\n    x\nConnectionError: reset\n'
    assert given(trace) == []
    assert search([company], trace).evidence


def test_a_trace_stays_in_the_asked_folder(given):
    assert given(PYTHON, under="tests") == []

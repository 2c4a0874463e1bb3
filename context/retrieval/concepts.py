"""Words and phrases that stand for one thing in programming: what a person asks for, and what code calls it.

Two uses: a word of the question is also looked for by the other single words of its group, at a lower weight; and a
group of which nothing stands anywhere in a repository is a thing that the repository does not have. A group therefore
names one thing, and as many of its names as people use. Knows nothing of any repository.
"""

from dataclasses import dataclass
from functools import cache

from .. import terms

__all__ = ["Concept", "concepts_in", "related_terms"]

_RELATED_WEIGHT = 0.4
"""How much a related word counts beside the word itself."""

_RELATED = """
abort, cancel, interrupt, kill, terminate
acquire, lock, take, obtain
add, append, insert, push, attach, register
address, addr, host, ip, endpoint
administrator, admin
allocate, alloc, reserve, capacity, malloc
allow, permit, accept, enable, whitelist, permission
ancestor, parent, super, base, outer, enclosing
announce, notify, publish, emit, broadcast, signal, advertise
application, app
argument, arg, parameter, param, flag, option
array, list, vector, slice, sequence
asset, static, resource, public
asynchronous, async, await, future, promise, coroutine, nonblocking, background
attack, malicious, hostile, untrusted, exploit, security, dos
attribute, property, field, member, column
authentication, authenticate, auth, login, signin, credential, identity, user
authorization, authorize, permission, privilege, role, acl, access
average, avg, mean
avoid, prevent, guard, protect, defend, safe
begin, start, launch, boot, bootstrap, initialize, init, setup
behaviour, behavior
binary, executable, program, command, subprocess, process, spawn, exec
bind, attach, mount, listen
blank, empty, whitespace, none, null, nil
body, payload, content, data
boolean, bool
bound, limit, max, maximum, cap, threshold, quota, ceiling
bracket, brace, paren, parenthesis, curly
browser, client, agent, visitor
bucket, slot, shard, partition, bin
buffer, buf, chunk
bundle, package, archive, dist
button, btn
cache, memoize, memo, reuse, recycle, pool
callback, hook, handler, listener, observer, subscriber
cancelled, canceled, cancel
capture, record, collect, gather, accumulate
cast, convert, coerce, transform, translate, map, turn
catalogue, catalog, registry
centre, center
certificate, cert, x509
character, char, rune
check, validate, verify, ensure, assert, valid
child, nested, inner, sub, embedded, inline, flatten
choose, pick, select, decide, determine, resolve, prefer, negotiate
circular, cycle, cyclic, recursive, recursion, loop
clash, conflict, collision, duplicate, ambiguous, overlap
cleanup, teardown, finalize, dispose, release, destroy, finally
client, caller, consumer, remote, peer
close, shutdown, halt, stop, disconnect, exit, quit, end
color, colour, style, theme, highlight, ansi
column, col
command, cli, subcommand, cmd
compare, equal, equality, equals, match, diff
compress, gzip, deflate, brotli, zstd, encoding
compute, calculate, calc, derive, evaluate
concurrent, parallel, thread, worker, goroutine
condition, cond
configuration, config, setting, option, preference, conf
connection, conn, socket, link
construct, constructor, create, build, make, instantiate, new, factory
container, collection, map, dict
content, body, text
context, ctx
cookie, session
coordinate, coord, position, point
copy, clone, duplicate, dup
corrupt, broken, invalid, malformed, bad, illegal
crash, panic, recover, fatal, exception
credential, password, token, secret, key
cursor, position, offset, index, scan, iterator
customise, customize, custom
database, db, store, storage
debug, trace, diagnostic, verbose
declaration, decl, declare
decode, parse, deserialize, unmarshal, read, load
decorate, wrap, decorator, wrapper
default, fallback, initial, preset
defer, lazy, delay, postpone, later
delete, remove, erase, drop, unlink, purge, free, evict, clear
deprecated, legacy, obsolete, old, compat
describe, document, explain, doc, help
destination, dest, dst, target
detect, infer, guess, sniff, identify, recognize
device, dev
difference, diff, delta
directory, folder, dir
discard, skip, ignore, omit, exclude, drop, strip
discriminator, tag, variant, kind
disk, file, filesystem, fs, persist
document, doc
download, fetch, retrieve, pull
duplicate, twice, repeat, unique, dedupe
duration, interval, period, timeout, elapsed
early, short, premature, halt, abort, stop
edited, modified, changed, dirty
encode, serialize, marshal, dump, write, emit, stringify
encrypt, cipher, crypto, decrypt
enforce, restrict, limit, require
enqueue, queue, push, channel
environment, env, environ
error, exception, failure, fault, err, raise, throw
escape, sanitize, quote, unescape
event, signal, notification, trigger, message
expire, expiration, expiry, ttl, timeout, deadline, stale
expression, expr
extension, plugin, addon, module
external, foreign, remote, third
extra, additional, optional
fast, quick, performance, optimize, speed
favourite, favorite
filter, exclude, include, predicate, condition
find, search, lookup, locate, query, grep
finish, complete, done, end, finalize
flush, sync, commit, write
format, layout, pretty, render
forward, proxy, delegate, relay, upstream
fragment, piece, part, segment, portion, chunk, slice
freshness, fresh, stale, modified, etag, cache
function, func, fn, def, procedure, routine, callable
generate, gen, generator, codegen
glob, wildcard, pattern, mask
gone, missing, deleted, lost
grey, gray
grow, expand, resize, extend, enlarge, rehash
handler, controller, action, endpoint
hash, digest, checksum, fingerprint
header, headers
hide, mask, redact, conceal, obscure, secure
huge, large, big, max, oversized
identifier, id, name, key
image, img
image, picture, icon, photo
immutable, readonly, frozen, constant, const, final
implementation, impl
implicit, automatic, auto
import, include, require, load, use
index, idx, offset
information, info, metadata
inherit, extend, derive, subclass
initialise, initialize, init
input, prompt, stdin, typed
install, setup, deploy
intercept, middleware, interceptor, filter
introspection, reflection, inspect, reflect
iterate, iterator, loop, each, walk, traverse, visit, cursor
join, attach, link
join, combine, merge, concat, concatenate, union
key, shortcut, keymap, binding, mapping, keyboard
language, lang, locale
latest, newest, recent, current, last
length, len, size, count
library, dependency, package, crate, gem
licence, license
literal, constant, static, verbatim
log, logger, logging, trace
machine, host, node, computer
manager, mgr, registry, controller
manual, explicit, custom
memory, mem, allocation, heap, alloc
merge, combine, override, update, extend
message, msg, notice
middleware, plugin, filter, chain
minimum, min, floor
missing, absent, undefined, unset, unknown, none
mode, flag, state
multiply, mul, product
name, label, title, identifier
normalise, normalize, canonical, clean
number, integer, int, numeric, decimal, float
object, obj, instance
obtain, get, fetch, retrieve, acquire
older, previous, former, prior, old
operation, op, operator
optimise, optimize, optimization
optional, nullable, maybe, option
order, sort, rank, priority, ordering, sequence
organise, organize, arrange, layout
origin, source, referrer, referer
override, replace, overwrite, substitute
package, pkg
page, template, view, html, layout
panel, pane, window, sidebar, preview
parameter, argument, param, arg, wildcard
parse, decode, read, tokenize, lex, parser
partial, incremental, resume, continuation, delta
password, passwd, passphrase, secret
path, url, uri, route, location
pause, suspend, sleep, wait, block
permission, privilege, acl, access, mode
persist, save, store, write, dump
pick, choose, select, best
pipeline, chain, stage, flow
placeholder, variable, template, wildcard
pointer, ptr, reference, ref
port, listen, address, bind
precision, decimal, digit, scale
previous, prev, last
primary, master, leader
print, display, show, output, write, render
private, internal, hidden, protected
process, pid, daemon, fork
property, prop, props
protocol, proto
proxy, forwarded, upstream, trusted
query, search, request, filter
random, rand, nonce, salt, entropy
range, interval, span, bounds
raw, plain, bytes, unescaped
recognise, recognize, detect
reconnect, resync, resume
redirect, location, forward
refuse, reject, deny, forbid, disallow, forbidden, abort, block
register, reg, enroll
release, free, unlock, drop
reload, refresh, watch, restart
rename, alias, convention, case
render, draw, paint, display, view
replica, slave, follower, secondary
reply, response, answer, resp, res
repository, repo
representation, format, content, type, mime
request, req, query
reset, clear, restore, revert
restrict, limit, confine, allowlist
retry, attempt, backoff, again
return, result, output, yield
reverse, invert, inverse, negate, backward
rollback, revert, undo, restore
root, base, top, main
rotate, rollover, cycle, fallback
route, router, routing, endpoint, dispatch, url
rule, policy, constraint, condition
schedule, scheduler, timer, cron, ticker
scheme, protocol, https, http
score, rank, weight, priority, quality
screen, window, display, terminal
secure, safe, tls, ssl, https
separate, split, tokenize, divide, delimiter, separator
sequence, seq
serialise, serialize, encode
server, daemon, host, listener
service, svc
shape, schema, structure, type, form
share, shared, global, common
shell, bash, terminal, console, tty
shrink, reduce, truncate, trim, compact
sign, signature, signing, hmac, signer, unsign
singleton, instance, global
slow, lag, latency, delay
snapshot, dump, backup, rdb
source, src
specification, spec
stack, trace, backtrace, traceback, frame
state, status, phase
statement, stmt
statistics, stats, metrics, counter
status, code, state
stream, pipe, flow, channel
string, str, text
subscribe, publish, event, listen
substitute, replace, interpolate, expand
subtract, sub, minus
suffix, extension, ending
synchronise, synchronize, sync
synchronize, sync, lock, mutex
tamper, integrity, signature, forge, verify
template, view, render, layout
temporary, temp, tmp
test, spec, mock, fixture, assert
throttle, ratelimit, limiter
time, clock, date, timestamp
token, word, lexeme, symbol
transaction, txn, tx, multi
tree, node, trie, hierarchy
trim, strip, whitespace
type, kind, class, variant
unknown, unrecognized, unsupported, invalid
update, modify, change, edit, patch
upload, multipart, attachment, form
user, account, person, member
utility, util, helper, tool
value, val
variable, var, binding, env
version, revision, release
wait, block, await, poll, stall, hang
warn, warning, complain, deprecation, alert
web, http, www, html
weight, quality, priority
wildcard, glob, star, catchall
window, win, pane
wrap, wrapper, adapter, decorate, proxy
write, save, output, store, put
"""

_CONCEPTS = """
audit log, audit trail
avro
background job, job queue, task queue, celery, sidekiq
barcode, qr code
bcrypt, scrypt, argon2, pbkdf2
blockchain, smart contract
bluetooth
breakpoint, debugger
brotli
captcha, recaptcha
cassandra
circuit breaker
connection pool, connection pooling, pooled connection, pool
consistent hashing, hash ring
cors, cross origin
credit card
cron, crontab
csrf, xsrf, cross site request forgery, forgery, antiforgery, anti forgery, authenticity token
csv
currency, exchange rate
dark mode, dark theme
database migration, schema migration, migration
docker, dockerfile
drag and drop, drag drop, draggable
dynamodb
elasticsearch, opensearch, lucene, full text search
encryption, encrypt, decrypt, cipher, aes, crypto
excel, xlsx
feature flag, feature toggle
ftp, sftp
garbage collection, garbage collector, gc
gps, geolocation, geocoding
gpu, cuda, opencl
grafana
graphql
grpc
http 2, http2, h2
http 3, http3, quic
imap, pop3
internationalization, i18n, translation, translate, gettext, locale, localization, l10n
json patch, rfc 6902
json schema
jsonpath, json path
just in time, jit
jwt, json web token, jws, jose
kafka
kerberos, gssapi
kubernetes, k8s, kubectl
latex
ldap, active directory
leader election, raft, paxos, consensus
load balancer, load balancing, round robin
lz4
memcached, memcache
message broker, message queue
mongodb, mongo
mqtt
msgpack, messagepack
multi tenant, multitenant, multi tenancy, tenancy, tenant
mysql, mariadb
neural network, machine learning, deep learning
oauth, oauth2, openid, oidc, omniauth, single sign on, sso
object relational, object relational mapper, orm
openapi, swagger
opentelemetry, otel, distributed tracing
optical character recognition, ocr
optimistic lock, optimistic locking
pagination, paginate, paginator, next page, page size
parquet
pdf
postgres, postgresql
prometheus
protobuf, protocol buffer
push notification, apns, fcm
rabbitmq, amqp
rate limit, rate limiting, rate limiter, throttle, throttling, throttled, too many requests, token bucket, leaky bucket
recommendation
redis
retry, retries, retrying, reattempt, backoff, attempt
s3, object storage, blob storage
saml
search and replace, find and replace, search replace
sentry, crash report
server push
server sent events, event stream, eventsource, sse
server side rendering, ssr
service discovery, consul, zookeeper, etcd
service worker
shopping cart
simd, avx, sse2, neon
slack
sms, twilio
smtp, sendmail, mailer, email, mail
snappy
soap, wsdl
soft delete, soft deleted
speech recognition, speech
spell check, spellcheck, spelling
sql injection, prepared statement
sqlite
ssh
stripe, paypal, payment, checkout, invoice, billing
syntax highlighting, syntax highlight, highlighter, highlight
systemd
telegram
telemetry, analytics
terraform
thumbnail, image resizing, resize image
time zone, timezone, tz
toml
two factor, 2fa, mfa, totp, one time password, otp
two phase commit, distributed transaction, saga
undo, redo
usb
video
virtual dom, vdom
web worker
webassembly, wasm
webauthn, passkey, fido
webhook
webrtc
websocket, web socket
xml
xpath
xslt
yaml
zstd, zstandard
"""


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing under its names.

    Attributes:
        asked: The name that stands in the question.
        names: Every name, each as the terms of its words in order.
    """

    asked: str
    names: tuple[tuple[str, ...], ...]


@cache
def related_terms(term: str) -> tuple[tuple[int, float], ...]:
    """The hashes of the terms that may stand for a term, with how much each counts beside it."""
    return tuple((terms.term_hash(other), _RELATED_WEIGHT) for other in sorted(_related().get(term, ())))


def concepts_in(question_terms: list[str]) -> list[Concept]:
    """The concepts of which a name stands in the question, given as its terms in order."""
    found: dict[tuple[tuple[str, ...], ...], Concept] = {}
    for start, term in enumerate(question_terms):
        for phrase, concept in _by_first_term().get(term, ()):
            if tuple(question_terms[start : start + len(phrase)]) == phrase:
                found.setdefault(concept.names, concept)
    return list(found.values())


def _groups(text: str) -> list[list[str]]:
    return [[name.strip() for name in line.split(",")] for line in text.strip().splitlines()]


@cache
def _related() -> dict[str, set[str]]:
    related: dict[str, set[str]] = {}
    for group in _groups(_RELATED):
        group_terms = {terms.join([name]) for name in group}
        for term in group_terms:
            related.setdefault(term, set()).update(group_terms - {term})
    return related


@cache
def _by_first_term() -> dict[str, list[tuple[tuple[str, ...], Concept]]]:
    index: dict[str, list[tuple[tuple[str, ...], Concept]]] = {}
    for group in _groups(_CONCEPTS):
        names = tuple(tuple(terms.join([word]) for word in name.split()) for name in group)
        for name, phrase in zip(group, names, strict=True):
            index.setdefault(phrase[0], []).append((phrase, Concept(name, names)))
    return index

"""Words and phrases that stand for one thing in programming: what a person asks for, and what code calls it.

Two uses: a word of the question is also looked for by the other single words of its group, at a lower weight; and a
group of which nothing stands anywhere in a repository is a thing that the repository does not have. A group therefore
names one thing, and as many of its names as people use. Knows nothing of any repository.
"""

from dataclasses import dataclass
from functools import cache

from .. import terms

__all__ = ["Concept", "concepts_in", "related_terms"]

RELATED_WEIGHT = 0.3
"""How much a related word counts beside the word itself."""

_RELATED = """
authentication, authenticate, auth, login, signin, credential, identity
authorization, authorize, permission, privilege, acl, access, allow, deny, forbidden
password, passwd, passphrase, secret
remove, delete, erase, drop, clear, purge, evict
create, construct, build, make, instantiate, allocate, new, factory
start, launch, boot, bootstrap, initialize, init, setup
stop, shutdown, halt, terminate, abort, close, exit, quit
error, exception, failure, fault, panic, raise, throw
retry, attempt, backoff
check, validate, verify, ensure, assert
parse, decode, deserialize, unmarshal, read, load
write, encode, serialize, marshal, dump, emit, render
convert, transform, cast, coerce, map
setting, config, configuration, option, preference, parameter
command, cli, subcommand, argument, flag
cleanup, teardown, finalize, dispose, release
callback, hook, handler, listener, observer, subscriber
route, router, routing, endpoint, dispatch
request, req
response, reply, res, resp
message, msg
buffer, buf
directory, folder, dir
environment, env
database, db
connection, conn, socket
function, func, fn, def, procedure, routine
parameter, param, argument, arg
temporary, temp, tmp
synchronize, sync, lock, mutex
asynchronous, async, await, future, promise, coroutine
concurrent, parallel, thread, worker
middleware, interceptor, filter, plugin, extension
template, view, render
cache, memoize, memo
log, logger, logging, trace
encrypt, cipher, crypto
sign, signature, signing, hmac
compress, gzip, deflate, brotli, zstd
limit, max, maximum, cap, threshold, bound
size, length, len, count
timeout, deadline, expire, expiration, ttl
default, fallback
escape, sanitize, quote
header, headers
address, addr, host, ip
redirect, location
upload, multipart, attachment
iterate, iterator, loop, each, walk, traverse, visit
find, search, lookup, locate, query, match
list, array, sequence, vector
hash, digest, checksum
identifier, id, name, key
field, property, attribute, member
child, nested, sub
parent, ancestor, super, base
compare, equal, equality, diff
copy, clone, duplicate
merge, combine, join, concat, concatenate
split, tokenize, separate
queue, enqueue, channel
schedule, scheduler, timer, cron
subscribe, publish, event, notify, signal, dispatch
primary, master, leader
replica, slave, follower
persist, save, store, storage
snapshot, dump, backup
memory, mem, allocation, heap
number, integer, int, numeric, float
string, str, text
boolean, bool
"""

_CONCEPTS = """
csrf, xsrf, cross site request forgery, forgery, antiforgery, anti forgery, authenticity token
oauth, oauth2, openid, oidc, omniauth, single sign on, sso
jwt, json web token, jws, jose
saml
ldap, active directory
webauthn, passkey, fido
two factor, 2fa, mfa, totp, one time password, otp
rate limit, rate limiting, rate limiter, throttle, throttling, throttled, too many requests, token bucket, leaky bucket
websocket, web socket
graphql
grpc, protobuf, protocol buffer
soap, wsdl
server sent events, event stream, eventsource, sse
webhook
cors, cross origin
captcha, recaptcha
stripe, paypal, payment, checkout, invoice, billing
smtp, sendmail, mailer, email, mail
sms, twilio
push notification, apns, fcm
kafka
rabbitmq, amqp
mqtt
elasticsearch, opensearch, full text search
redis
memcached, memcache
mongodb, mongo
postgres, postgresql
mysql, mariadb
sqlite
dynamodb
cassandra
s3, object storage, blob storage
kubernetes, k8s, kubectl
docker, dockerfile, container image
terraform
prometheus
opentelemetry, otel, distributed tracing, tracing span
sentry
feature flag, feature toggle
pagination, paginate, paginator, next page, page size
json patch, rfc 6902
json schema
json path, jsonpath
xpath
xslt
yaml
toml
xml
csv
msgpack, messagepack
avro
parquet
pdf
markdown
latex
excel, xlsx
internationalization, i18n, translation, gettext, locale, localization, l10n
circuit breaker
load balancer, load balancing, round robin
service discovery, consul, zookeeper, etcd
leader election, raft, paxos, consensus
two phase commit, distributed transaction, saga
sharding, shard, partition, slot
connection pool, connection pooling, pooled connection
database migration, schema migration, migration
object relational, orm
garbage collection, garbage collector
reference counting, refcount, ref count
hot reload, live reload, auto reload, reloader, reload
service worker
web worker
webassembly, wasm
gpu, cuda, opencl, metal shader
simd, avx, sse2, neon
neural network, machine learning, deep learning
bluetooth
usb
gps, geolocation
camera
barcode, qr code
dark mode, dark theme
drag and drop, drag drop
undo, redo
search and replace, find and replace, search replace
spell check, spellcheck, spelling
syntax highlighting, syntax highlight, highlighter
auto complete, autocomplete, completion
tls, ssl, certificate, x509
ssh
ftp, sftp
proxy, proxies, forwarded
http 2, http2, h2
http 3, http3, quic
dns, name resolution, resolver, getaddrinfo
multicast
bloom filter
bitmap
trie, radix tree, prefix tree
btree
skip list, skiplist
red black tree, rbtree
lru, least recently used
lfu, least frequently used
base64
aes
rsa
sha256, sha 256
bcrypt, scrypt, argon2, pbkdf2
brotli
gzip, deflate, zlib
zstd, zstandard
lz4
snappy
regular expression, regex, regexp
dependency injection, injector
state machine, fsm
actor model, actor
coroutine, goroutine, fiber
thread pool, threadpool, worker pool
cron, crontab
daemon, daemonize
systemd
soft delete, soft deleted
audit log, audit trail
multi tenant, multitenant, multi tenancy, tenancy
optimistic lock, optimistic locking
fuzzy search, fuzzy match, fuzzy
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
    return tuple((terms.term_hash(other), RELATED_WEIGHT) for other in sorted(_related().get(term, ())))


def concepts_in(question_terms: list[str]) -> list[Concept]:
    """The concepts of which a name stands in the question, given as its terms in order."""
    found: dict[tuple[tuple[str, ...], ...], Concept] = {}
    for start, term in enumerate(question_terms):
        for phrase, names in _by_first_term().get(term, ()):
            if tuple(question_terms[start : start + len(phrase)]) == phrase:
                found.setdefault(names, Concept(" ".join(phrase), names))
    return list(found.values())


def _groups(text: str) -> list[list[str]]:
    return [[name.strip() for name in line.split(",")] for line in text.strip().splitlines()]


@cache
def _related() -> dict[str, set[str]]:
    related: dict[str, set[str]] = {}
    for group in _groups(_RELATED):
        group_terms = {terms.tokenize(name)[0] for name in group}
        for term in group_terms:
            related.setdefault(term, set()).update(group_terms - {term})
    return related


@cache
def _by_first_term() -> dict[str, list[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]]]:
    index: dict[str, list[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]]] = {}
    for group in _groups(_CONCEPTS):
        names = tuple(tuple(terms.terms_of(word)[0] for word in name.split()) for name in group)
        for phrase in names:
            index.setdefault(phrase[0], []).append((phrase, names))
    return index

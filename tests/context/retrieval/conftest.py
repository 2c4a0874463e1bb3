"""A small shop of files that the retrieval tests ask about."""

from collections.abc import Callable, Mapping

import pytest
from repoask.context.index.segment import LiveSegment

Index = Callable[[Mapping[str, str]], LiveSegment]

SHOP = {
    "src/auth/login.py": '''"""Signs users in."""

import hashlib


class LoginForm:
    """What a user types."""

    def __init__(self, name, password):
        self.name = name
        self.password = password


def check_password(form, stored):
    """Compares the digest of the given password with the stored one, in constant time."""
    given = hashlib.sha256(form.password.encode()).hexdigest()
    return constant_time_equal(given, stored)
''',
    "src/auth/constant_time.py": '''"""Comparison that tells nothing by its duration."""


def constant_time_equal(left, right):
    """Whether two digests are equal, in the same time for any two."""
    difference = len(left) ^ len(right)
    for one, other in zip(left, right):
        difference |= ord(one) ^ ord(other)
    return difference == 0
''',
    "src/cart.py": '''"""The shopping basket."""


class Basket:
    """Items that a visitor wants."""

    def add(self, item, quantity=1):
        self.items[item] = self.items.get(item, 0) + quantity

    def total_price(self):
        return sum(item.price * quantity for item, quantity in self.items.items())


def apply_discount(basket, percentage):
    """Lowers the total price by a percentage."""
    return basket.total_price() * (100 - percentage) / 100
''',
    "tests/test_login.py": """from src.auth.login import LoginForm, check_password


def test_check_password_accepts_the_right_password():
    form = LoginForm("ann", "password")
    assert check_password(form, "5e884898da28047151d0e56f8dc62927")


def test_check_password_refuses_a_wrong_password():
    form = LoginForm("ann", "password password password")
    assert not check_password(form, "")
""",
    "docs/discounts.md": """# Discounts

A discount lowers the total price of a basket by a percentage.

## Stacking

Two discounts are never added up.
""",
    "CHANGELOG.md": """# Changes

- 1.2: check_password compares in constant time; discounts by percentage; basket total price fixed.
""",
}


@pytest.fixture(scope="session")
def shop(index: Index) -> LiveSegment:
    return index(SHOP)


@pytest.fixture(scope="session")
def shop_files() -> dict[str, str]:
    return dict(SHOP)

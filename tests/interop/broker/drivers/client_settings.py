"""Files of settings for clients that read such, made of the templates in this folder, which documents show."""

import os

HERE = os.path.dirname(os.path.abspath(__file__))


def filled(name, bootstrap, authority, consumer, secret):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return file.read().format(bootstrap=bootstrap, authority=authority, name=consumer, secret=secret)


def write(name, profile, folder):
    """The path of the file in `folder`, for a connection profile."""
    os.makedirs(folder, exist_ok=True)
    authority = os.path.join(folder, "ca.pem")
    with open(authority, "w", encoding="ascii") as file:
        file.write(profile["kafka"]["ca"])
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(filled(name, profile["kafka"]["bootstrap"], authority, profile["consumer_name"], profile["auth"]["secret"]))
    return path

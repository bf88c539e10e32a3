"""A private certificate authority for one broker: Ed25519, as Mister Webhooks has it, and a P-256 leaf for this machine's loopback names.
The leaf for Kafka is no Ed25519 one because Kafka refuses that in PEM."""

import os
import subprocess

NAMES = "DNS:localhost,IP:127.0.0.1,IP:::1"
P_256 = ("EC", "-pkeyopt", "ec_paramgen_curve:P-256")
ED25519 = ("ed25519",)


def openssl(*arguments, said=""):
    done = subprocess.run(["openssl", *arguments], input=said, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise AssertionError(f"openssl {arguments[0]}: {done.stderr}")


def make_authority(folder, name="Tenter tests"):
    """Writes ca.key and ca.pem; returns the path of the latter."""
    key, certificate = os.path.join(folder, "ca.key"), os.path.join(folder, "ca.pem")
    openssl("genpkey", "-algorithm", "ed25519", "-out", key)
    openssl("req", "-x509", "-new", "-key", key, "-out", certificate, "-days", "30", "-subj", f"/CN={name}",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    return certificate


def make_leaf(folder, names=NAMES, algorithm=P_256):
    """Writes leaf.key, leaf.crt, and leaf.pem, the key and then the chain as Kafka's PEM key store wants them, signed by the folder's authority."""
    path = {name: os.path.join(folder, name) for name in ("ca.key", "ca.pem", "leaf.key", "leaf.csr", "leaf.ext", "leaf.crt", "leaf.pem")}
    openssl("genpkey", "-algorithm", *algorithm, "-out", path["leaf.key"])
    openssl("req", "-new", "-key", path["leaf.key"], "-out", path["leaf.csr"], "-subj", "/CN=localhost")
    with open(path["leaf.ext"], "w", encoding="ascii") as file:
        file.write(f"subjectAltName={names}\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\n")
    openssl("x509", "-req", "-in", path["leaf.csr"], "-CA", path["ca.pem"], "-CAkey", path["ca.key"], "-CAcreateserial",
            "-extfile", path["leaf.ext"], "-out", path["leaf.crt"], "-days", "30")
    with open(path["leaf.pem"], "w", encoding="ascii") as file:
        for part in ("leaf.key", "leaf.crt", "ca.pem"):
            with open(path[part], encoding="ascii") as read:
                file.write(read.read())
    return path["leaf.pem"]

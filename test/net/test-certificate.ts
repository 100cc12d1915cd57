/* A key for servers of tests on loopback; it has been published here and is worth nothing anywhere else. Valid from 2020 to 2119. */
export const TEST_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgm7ImfLDehrgn+7UP
uQNAo2O1gQCKjdJFm2JTEfzq6jyhRANCAATDkJH5w8jLiLxWOlhnyBNZpTt77Jzf
6vwUoYEPDSOxevdmuovHGa46A8lKK18zhjCPg/0UF9IoIpuyc/K69yEQ
-----END PRIVATE KEY-----`;

/** Its certificate, which signs itself: for 127.0.0.1, localhost, site.test and *.site.test. */
export const TEST_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBoTCCAUegAwIBAgIBATAKBggqhkjOPQQDAjAlMSMwIQYDVQQDDBpTZWluZSB0
ZXN0IC0gd29ydGggbm90aGluZzAgFw0yMDAxMDEwMDAwMDBaGA8yMTE5MTIzMTIz
NTk1OVowJTEjMCEGA1UEAwwaU2VpbmUgdGVzdCAtIHdvcnRoIG5vdGhpbmcwWTAT
BgcqhkjOPQIBBggqhkjOPQMBBwNCAATDkJH5w8jLiLxWOlhnyBNZpTt77Jzf6vwU
oYEPDSOxevdmuovHGa46A8lKK18zhjCPg/0UF9IoIpuyc/K69yEQo2YwZDAyBgNV
HREEKzApgglsb2NhbGhvc3SCCXNpdGUudGVzdIILKi5zaXRlLnRlc3SHBH8AAAEw
DwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUhStbJp65dnj5pWGYeMxATgfqFL4w
CgYIKoZIzj0EAwIDSAAwRQIgJDd6jmDByokAWNIHrWq+CRWQKodegmn4Ycr7cSlM
IvwCIQCv57FlCYpTdFnr7iYKSwneA8ov2gSmXki3EQsXRuYYPQ==
-----END CERTIFICATE-----`;

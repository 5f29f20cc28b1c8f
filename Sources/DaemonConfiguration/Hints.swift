/// What other programs call the keys of TLS, in several of their tables, and what to say of those that have none here.
enum Hints {
  static let authorities =
    "cacert cacertfile calist calistfile cafilepath calistpath capath tlsca tlscafile tlscacert tlscacertfile "
    + "tlscapath sipcafile sipcapath rootca rootcert rootcertificate rootcertificates trustedca trustedcerts "
    + "truststore cabundle castore ca tlscadir"
  static let certificates =
    "certificate cert certfile certificatechain certificatechainfile certpath tlscert tlscertfile tlscertificate "
    + "tlscertificatefile clientcert clientcertfile clientcertificate clientcertchain tlsclientcert sipcertificate "
    + "sipcert publiccert tlscertdir"
  static let privateKeys =
    "privatekey privkey privkeyfile privatekeypath keyfile key tlskey tlskeyfile tlsprivatekey tlsprivkey "
    + "tlsprivkeyfile clientkey clientkeyfile clientcertkey tlsclientkey pkey"

  /// There is deliberately none to turn the check off: who does not look whom he speaks to gives his calls to anybody.
  static let verification =
    "certificates are always checked: name the authority that signed it, or the certificate itself, with ca_file"
  static let ofVerification =
    "verifyserver verifytls tlsverify tlsverifyserver tlsverifypeer verifyservercert verifyservercerts "
    + "verifyservercn sipverifyserver verifycert verifycertificate tlsverifycertificate verifyclient "
    + "requirecertificate requireclientcert tlsverifypolicy tlsverifydate verifypeer verifyhost verifydepth "
    + "tlsverifydepth verify verification checkcertificate checkcert allowselfsigned allowinvalidcertificates "
    + "allowinsecure insecureskipverify insecuretls tlsinsecure tlsdontverify tlsdontverifyserver dontverifyserver "
    + "noverify skipverify ignorecertificate ignorecert selfsigned tlsallowselfsigned tlsneedservercert strictssl"

  static let versions = "TLS 1.2 or 1.3 is spoken, as the other side wants it; leave it out"
  static let ofVersions =
    "method tlsmethod tlsversion tlsversions sslversion sslmethod minimumtlsversion tlsminversion "
    + "tlsminimumversion tlsproto cipher ciphers tlscipher tlsciphers cipherlist tlscipherlist sslciphers tlscurves "
    + "preferservercipherorder"
}
